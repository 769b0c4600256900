// What waits for its time, next due first.
import { html, nothing } from "../lit/lit-html.js";
import { repeat } from "../lit/directives/repeat.js";
import { listedQueue, may, store } from "../store.js";
import { count, shellCommand } from "../format.js";
import { badge, command, dueAt, empty, lateFailure, missing, pager, tag, taskLink, when } from "../parts.js";
import { Listing, distinct } from "../listing.js";
import { queueTabs } from "../queuetabs.js";
import { cancelTask, runNow } from "../actions.js";

const listing = new Listing("tasks", 2_000);

export const title = () => "Scheduled";

export function view(route, draw) {
  const queue = listedQueue("scheduled");
  const read = listing.read({ place: "scheduled", queue });
  return html`
    <div class="head"><h1>Scheduled</h1>
      <span class="end">${command(shellCommand("tasks", { place: "scheduled", queue: store.queue }))}</span></div>
    <div class="panel flush">${queueTabs("scheduled", queue, draw)}${read.data ? table(read, draw) : missing(read)}</div>`;
}

function table(read, draw) {
  const rows = read.data.tasks;
  if (rows.length === 0) {
    return empty("No task is scheduled.", "A task enqueued with a delay, and a retry, wait here for their time.");
  }
  return html`${lateFailure(read)}
    <div class="scroll"><table class="cards">
      <thead><tr><th>Due</th><th>Task</th><th>Type</th><th>Why</th><th>Queue</th><th class="number">Failed</th><th></th></tr></thead>
      <tbody>${repeat(distinct(rows), ([name]) => name, ([name, row]) => html`<tr data-row=${name} class=${name === listing.current ? "current" : ""}>
        <td data-name="Due">${when(dueAt(row))} ${Date.parse(dueAt(row)) < Date.now() - 5_000 ? tag("bad", "overdue") : nothing}</td>
        <td data-name="Task">${taskLink(row.id, row.queue)}</td>
        <td class="text" data-name="Type" title=${row.type ?? row.problem}>${row.type ?? tag("bad", "no task")}</td>
        <td data-name="Why">${badge(row.state)}</td>
        <td data-name="Queue">${row.queue}</td>
        <td class="number" data-name="Failed">${count(row.attempts)}</td>
        <td class="actions">${may("operator") ? html`
          <button class="small" @click=${() => runNow(row.id, row.queue)}>Run now</button>
          <button class="small danger" @click=${() => cancelTask(row.id, row.queue)}>Cancel</button>` : nothing}</td>
      </tr>`)}</tbody>
    </table></div>
    ${pager(listing, {
      note: `${count(rows.length)} shown, next due first`,
      next: read.data.next,
      draw,
    })}`;
}

export const rows = { listing };
