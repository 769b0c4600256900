// Workers: who lives, what each thread does, and when the tasks of those that fell silent come back.
import { html, nothing } from "../lit/lit-html.js";
import { repeat } from "../lit/directives/repeat.js";
import { may, store } from "../store.js";
import { count, duration, plural, shellCommand } from "../format.js";
import { command, empty, lateFailure, missing, since, tag, taskLink, when } from "../parts.js";
import { ofEachQueue } from "../resource.js";
import { quietWorker } from "../actions.js";

const LONG = 60_000;

export const title = () => "Workers";

export function view() {
  const read = ofEachQueue("workers", {}, 2_000);
  return html`
    <div class="head"><h1>Workers</h1>
      <span class="end">${command(shellCommand("workers", { queue: store.queue }))}</span></div>
    ${read.data ? list(read) : html`<div class="panel">${missing(read)}</div>`}`;
}

function list(read) {
  const rows = byName(read.answers.flatMap(({ data }) => data.workers));
  if (rows.length === 0) {
    return html`<div class="panel">${empty("No worker lives.", html`Start one: <code>java -jar worker.jar</code>`)}</div>`;
  }
  return html`${lateFailure(read)}<div class="columns">${repeat(rows, (row) => row.name, worker)}</div>`;
}

/** One that serves several queues is told of by each: what it runs and holds is put together. */
function byName(rows) {
  const workers = new Map();
  for (const row of rows) {
    const known = workers.get(row.name);
    const running = (row.running ?? []).map((one) => ({ ...one, queue: row.queue }));
    workers.set(
      row.name,
      known
        ? {
            ...known,
            served: [...known.served, row.queue],
            running: [...known.running, ...running],
            held: known.held + row.held,
            silent: known.silent || row.silent,
            quiet: known.quiet || row.quiet,
            last_beat: known.last_beat > row.last_beat ? known.last_beat : row.last_beat,
          }
        : { ...row, served: [row.queue], running },
    );
  }
  return [...workers.values()];
}

function worker(row) {
  const { running } = row;
  return html`<section class="panel stack">
    <div class="row"><h2>${row.name}</h2><span class="muted">${row.served.join(", ")}</span>
      ${row.silent ? tag("bad", "✕ silent") : row.quiet ? tag("warn", "quiet") : tag("good", "✓ alive")}
      ${may("admin") && !row.silent ? html`<button class="small end" @click=${() => quietWorker(row.name, row.quiet, row.served)}>${row.quiet ? "Claim again" : "Quiet"}</button>` : nothing}</div>
    ${row.silent && row.held > 0 ? html`<p>${plural(row.held, "task")} it held ${row.held === 1 ? "comes" : "come"} back ${row.recovered_in_ms === undefined ? "within two leases of its last beat" : html`in about ${duration(row.recovered_in_ms)}`}.</p>` : nothing}
    <p class="muted">${[row.host, row.pid ? `pid ${row.pid}` : "", row.version ? `version ${row.version}` : ""].filter(Boolean).map((one) => `${one} · `)}
      ${row.started_at ? html`up ${since(row.started_at)} · ` : nothing}last beat ${when(row.last_beat)}</p>
    ${row.threads ? html`<div class="row">
      <span class="cells" role="img" aria-label="${running.length} of ${row.threads} threads run a task">
        ${running.slice(0, 200).map((one) => html`<span class="cell ${one.abandoned ? "abandoned" : age(one) > LONG ? "long" : "busy"}" title="${one.type} ${one.id}, ${duration(age(one))}"></span>`)}
        ${Array.from({ length: Math.max(0, Math.min(200, row.threads) - running.length) }, () => html`<span class="cell" title="idle"></span>`)}
      </span>
      <span class="muted">${count(running.length)} of ${plural(row.threads, "thread")}; holds ${count(row.held)}</span></div>` : nothing}
    ${running.length > 0 ? html`<div class="scroll"><table>
      <thead><tr><th>Runs</th><th>Type</th><th class="number">For</th></tr></thead>
      <tbody>${repeat(running.slice(0, 20), (one) => one.id, (one) => html`<tr>
        <td>${taskLink(one.id, one.queue)}</td><td class="text" title=${one.type}>${one.type}</td>
        <td class="number">${since(one.since)}${one.abandoned ? html` ${tag("bad", "abandoned")}` : nothing}</td></tr>`)}</tbody></table></div>` : nothing}
    ${row.types?.length > 0 ? html`<details><summary class="muted">handles ${plural(row.types.length, "type")}</summary>
      <p class="mono">${row.types.join(", ")}</p></details>` : nothing}
  </section>`;
}

const age = (one) => Date.now() - Date.parse(one.since);
