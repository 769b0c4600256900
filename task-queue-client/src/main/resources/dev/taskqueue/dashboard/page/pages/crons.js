// Schedules: in words, when they fired and will, and what became of the last task.
import { html, nothing } from "../lit/lit-html.js";
import { repeat } from "../lit/directives/repeat.js";
import { may, store } from "../store.js";
import { dayAndTime, shellCommand } from "../format.js";
import { badge, command, empty, lateFailure, missing, tag, taskLink, when } from "../parts.js";
import { ofEachQueue, resource } from "../resource.js";
import { changeCron, removeCron } from "../actions.js";

export const title = () => "Cron";

export function view() {
  const read = ofEachQueue("crons", {}, 5_000);
  return html`
    <div class="head"><h1>Cron</h1>
      <span class="end">${command(shellCommand("cron list", { queue: store.queue }))}</span></div>
    <div class="panel flush">${read.data ? table(read) : missing(read)}</div>`;
}

function table(read) {
  const rows = read.answers.flatMap(({ queue, data }) => data.crons.map((cron) => ({ ...cron, queue })));
  if (rows.length === 0) {
    return empty("No schedules.", html`Add one: <code>client.jar cron add nightly --spec '0 3 * * *' --zone Europe/Berlin --type report</code>`);
  }
  return html`${lateFailure(read)}
    <div class="scroll"><table class="cards">
      <thead><tr><th>Name</th><th>When</th><th>Type</th><th>Last fire</th><th>Next fires</th><th>State</th><th></th></tr></thead>
      <tbody>${repeat(rows, (row) => `${row.queue} ${row.name}`, (row) => html`<tr data-row>
        <td data-name="Name"><b>${row.name}</b></td>
        <td data-name="When">${row.spec ? html`<div><div>${row.in_words ?? ""}</div><div class="muted"><code>${row.spec}</code> ${row.zone}</div></div>` : "–"}</td>
        <td class="text" data-name="Type" title=${row.type ?? ""}>${row.type ?? ""}</td>
        <td data-name="Last fire">${row.last_task_id ? last(row) : "–"}</td>
        <td data-name="Next fires">${row.next_fires?.length > 0 ? html`<div>${row.next_fires.map((at) => html`<div>${when(at)} <span class="muted nowrap">${dayAndTime(at)}</span></div>`)}</div>` : "–"}</td>
        <td data-name="State">${row.problem ? html`<span title=${row.problem}>${tag("bad", "✕ broken")}</span> ${row.problem}` : row.paused ? tag("warn", "paused") : tag("good", "✓ active")}</td>
        <td class="actions">
          ${may("operator") && !row.problem ? html`<button class="small" @click=${() => changeCron(row.name, "run", row.queue)}>Run now</button>` : nothing}
          ${may("admin") ? html`${row.problem ? nothing : html`<button class="small" @click=${() => changeCron(row.name, row.paused ? "resume" : "pause", row.queue)}>${row.paused ? "Resume" : "Pause"}</button>`}
            <button class="small danger" @click=${() => removeCron(row.name, row.queue)}>Remove</button>` : nothing}</td>
      </tr>`)}</tbody>
    </table></div>`;
}

/** What became of the last task, and when it was due: that is the end of its id. */
function last(row) {
  const read = resource(`tasks/${encodeURIComponent(row.last_task_id)}`, { queue: row.queue }, 15_000);
  const [at] = row.last_task_id.match(/\d{13}$/) ?? [];
  return html`<div><div>${at ? when(new Date(Number(at)).toISOString()) : nothing} ${read.data ? badge(read.data.state) : nothing}</div>
    <div>${taskLink(row.last_task_id, row.queue)}</div></div>`;
}
