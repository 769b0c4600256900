// One task: where it is and why, what has happened, what it holds, and what can be done about it.
import { html, nothing } from "../lit/lit-html.js";
import { may } from "../store.js";
import { duration, shellCommand } from "../format.js";
import { badge, command, copy, missing, lateFailure, tree, when } from "../parts.js";
import { ONCE, resource } from "../resource.js";
import { cancelTask, retryDead, deleteDead, runNow } from "../actions.js";
import { errorText } from "../error.js";

const ENDED = ["succeeded", "duplicate", "dead", "cancelled", "expired"];

export const title = (route) => `Task ${route.argument}`;

export function view(route) {
  const id = route.argument;
  const queue = route.parameters.queue ?? "";
  const read = resource(`tasks/${encodeURIComponent(id)}`, { queue }, 2_000);
  const head = html`<div class="head">
    <h1 class="mono">${id}</h1>
    <button class="small" @click=${() => copy(id)}>Copy<span class="visually-hidden"> the id</span></button>
    <span class="end">${command(shellCommand("why", { queue }, id))}</span>
  </div>`;
  if (!read.data) {
    return html`${head}<div class="panel">${missing(read)}</div>`;
  }
  const task = read.data;
  const ended = ENDED.includes(task.state);
  // What it holds lies in its entry, which is gone once it has ended well.
  const entry = task.state === "dead" || !ended ? resource(`tasks/${encodeURIComponent(id)}/entry`, { queue }, ONCE).data?.entry : undefined;
  const why = resource(`tasks/${encodeURIComponent(id)}/why`, { queue }, ended ? 0 : 5_000);
  return html`${head}${lateFailure(read)}
    <div class="columns wide-first">
      <div class="stack">
        <section class="panel stack">
          <div class="row">${badge(task.state)}<b>${task.type}</b>${task.queue ? html`<span class="muted">in ${task.queue}</span>` : nothing}
            <span class="row end">${actions(task, id, queue)}</span></div>
          ${why.data ? reasons(why.data.reasons) : nothing}
        </section>
        ${entry?.payload === undefined ? nothing : json("Payload", entry.payload)}
        ${task.result === undefined ? nothing : json("Result", task.result)}
        ${task.last_error ? html`<section class="panel stack"><h2>${task.state === "succeeded" ? "Last error, before it succeeded" : "Last error"}</h2>${errorText(task.last_error)}</section>` : nothing}
      </div>
      <div class="stack">
        <section class="panel"><h2>What happened</h2>${timeline(task)}</section>
        <section class="panel"><h2>Facts</h2>${facts(task)}</section>
      </div>
    </div>`;
}

function reasons(found) {
  return html`<ul class="stack">${(found ?? []).map((one) => html`<li>${one.text}${one.remedy ? html` <span class="muted">${one.remedy}</span>` : nothing}</li>`)}</ul>`;
}

function actions(task, id, queue) {
  const selection = { queue, ids: [id], number: 1, described: `The task ${id}` };
  if (task.state === "dead") {
    return html`${may("operator") ? html`<button data-action="retry" class="primary" @click=${() => retryDead(selection)}>Retry</button>` : nothing}
      ${may("admin") ? html`<button class="danger" @click=${() => deleteDead(selection)}>Delete</button>` : nothing}`;
  }
  return ENDED.includes(task.state) || !may("operator")
    ? nothing
    : html`${task.state === "scheduled" || task.state === "retrying" ? html`<button @click=${() => runNow(id, queue)}>Run now</button>` : nothing}
        <button class="danger" @click=${() => cancelTask(id, queue)}>Cancel</button>`;
}

function json(name, value) {
  const raw = JSON.stringify(value, null, 2);
  return html`<section class="panel stack">
    <div class="row"><h2>${name}</h2><button class="small end" @click=${() => copy(raw)}>Copy<span class="visually-hidden"> the ${name}</span></button></div>
    <div class="tree">${tree(value)}</div>
    <details><summary>Raw</summary><pre class="code">${raw}</pre></details>
  </section>`;
}

function timeline(task) {
  const events = [
    [task.created_at, "", "Created"],
    [task.due_at, "later", Date.parse(task.due_at) > Date.now() ? "Due" : "Came due"],
    [task.started_at, "busy", task.worker ? `Attempt ${task.attempts} began on ${task.worker}` : `Attempt ${task.attempts} began`],
    [task.next_attempt_at && task.state === "retrying" ? task.next_attempt_at : undefined, "warn", `Attempt ${task.attempts} failed; the next is due`],
    [task.finished_at ?? task.died_at, { succeeded: "good", dead: "bad", expired: "warn" }[task.state] ?? "", endOf(task)],
  ].filter(([at]) => at);
  events.sort((a, b) => Date.parse(a[0]) - Date.parse(b[0]));
  return html`<ol class="timeline">${events.map(([at, tone, text], i) => html`<li class=${tone}>
    <div>${text}</div>
    <div class="muted">${when(at)}${i > 0 ? html` · ${duration(Date.parse(at) - Date.parse(events[i - 1][0]))} later` : nothing}</div>
  </li>`)}</ol>`;
}

const endOf = (task) =>
  ({
    succeeded: `Succeeded${task.started_at ? ` after ${duration(Date.parse(task.finished_at) - Date.parse(task.started_at))}` : ""}`,
    duplicate: "Ended as a duplicate: another task of its key had succeeded",
    dead: `Died${task.reason ? `: ${task.reason}` : ""}`,
    cancelled: `Cancelled${task.cancel_reason ? `: ${task.cancel_reason}` : ""}`,
    expired: "Expired before it began",
  })[task.state] ?? "Ended";

const TOLD_ELSEWHERE = new Set(["id", "type", "state", "queue", "payload", "result", "last_error", "place"]);

function facts(task) {
  const rows = Object.entries(task).filter(([name]) => !TOLD_ELSEWHERE.has(name));
  return html`<dl class="facts">${rows.map(([name, value]) => html`<dt>${name.replaceAll("_", " ")}</dt>
    <dd>${/_at$/.test(name) && typeof value === "string" ? when(value) : typeof value === "object" ? JSON.stringify(value) : String(value)}</dd>`)}</dl>`;
}
