// Tasks by where they are: those that wait in the order in which they will run, those that ended newest first.
import { html, nothing } from "../lit/lit-html.js";
import { repeat } from "../lit/directives/repeat.js";
import { chosenQueues, listedQueue, store } from "../store.js";
import { count, shellCommand } from "../format.js";
import { badge, command, dueAt, empty, lateFailure, missing, pager, tag, taskLink, when } from "../parts.js";
import { Listing, distinct } from "../listing.js";
import { queueTabs } from "../queuetabs.js";
import { ofEachQueue } from "../resource.js";
import { go } from "../router.js";

const PLACES = [
  ["ready", "Ready"],
  ["running", "Running"],
  ["scheduled", "Scheduled"],
  ["parked", "Parked"],
  ["suspects", "On trial"],
  ["finished", "Finished"],
];

/** The places of the API behind each. */
const NAMES = {
  ready: "ready_high,ready_normal,ready_low",
  running: "processing",
  scheduled: "scheduled",
  parked: "parked",
  suspects: "suspects",
};

const COUNTED = { ready: "ready", running: "processing", scheduled: "scheduled", parked: "parked", suspects: "suspects" };

const LANES = { ready_high: "high", ready_normal: "normal", ready_low: "low" };

const WAITING_FOR = {
  ready: "No task waits. What is enqueued shows up here until a worker takes it.",
  running: "No task runs.",
  scheduled: "No task is scheduled: no delay, and no retry that waits for its time.",
  parked: "No task waits for a worker that knows its type.",
  suspects: "No task waits for a trial. One that was taken back too often from workers that died would.",
  finished: "No task has ended since workers began to tell.",
};

const listing = new Listing("tasks", 2_000);

export const title = () => "Tasks";

export function view(route, draw) {
  const place = route.parameters.place ?? "ready";
  const type = route.parameters.type ?? "";
  return html`
    <div class="head"><h1>Tasks</h1><span class="end">${command(commandOf(place, type))}</span></div>
    <div class="panel flush">
      <div class="head">
        <nav class="tabs" aria-label="Places">
          ${PLACES.map(([name, word]) => html`<a class="plain" href="#/tasks?place=${name}" aria-current=${name === place ? "page" : nothing}>${word}
            ${COUNTED[name] ? html`<span class="count">${count(sum(COUNTED[name]))}</span>` : nothing}</a>`)}
        </nav>
        ${place === "finished" ? nothing : html`<form class="row end" @submit=${(event) => filter(event, place)}>
          <label class="visually-hidden" for="type">Type</label>
          <input id="type" name="type" .value=${type} placeholder="type, such as email:*" size="22">
          <button type="submit">Filter</button>
        </form>`}
      </div>
      ${place === "finished" ? finished() : waiting(place, type, draw)}
    </div>`;
}

function filter(event, place) {
  event.preventDefault();
  go("tasks", { place, type: new FormData(event.target).get("type").trim() });
}

const sum = (field) => chosenQueues().reduce((total, queue) => total + (queue[field] ?? 0), 0);

function commandOf(place, type) {
  return place === "finished"
    ? shellCommand("history", { queue: store.queue })
    : shellCommand("tasks", { place, type, queue: store.queue });
}

function waiting(place, type, draw) {
  const queue = listedQueue(COUNTED[place]);
  const tabs = queueTabs(COUNTED[place], queue, draw);
  const read = listing.read({ place: NAMES[place], type, queue });
  if (!read.data) {
    return html`${tabs}${missing(read)}`;
  }
  const rows = read.data.tasks;
  if (rows.length === 0) {
    return html`${tabs}${lateFailure(read)}${empty(type ? `No task of type ${type} among ${count(read.data.searched)} entries searched.` : WAITING_FOR[place])}`;
  }
  return html`${tabs}${lateFailure(read)}
    <div class="scroll"><table class="cards">
      <thead><tr><th>Task</th><th>Type</th><th>State</th><th>Queue</th><th>Lane</th><th class="number">Failed</th>
        <th>Created</th><th>${place === "scheduled" ? "Due" : "Worker"}</th></tr></thead>
      <tbody>${repeat(distinct(rows), ([name]) => name, ([name, row]) => html`<tr data-row=${name} class=${name === listing.current ? "current" : ""}>
        <td data-name="Task">${taskLink(row.id, row.queue)}</td>
        <td class="text" data-name="Type" title=${row.type ?? row.problem}>${row.type ?? tag("bad", "no task")}</td>
        <td data-name="State">${badge(row.state)}</td>
        <td data-name="Queue">${row.queue}</td>
        <td data-name="Lane">${LANES[row.place] ?? "–"}</td>
        <td class="number" data-name="Failed">${count(row.attempts)}</td>
        <td data-name="Created">${when(row.created_at)}</td>
        <td data-name=${place === "scheduled" ? "Due" : "Worker"}>${place === "scheduled" ? when(dueAt(row)) : row.worker ?? ""}</td>
      </tr>`)}</tbody>
    </table></div>
    ${pager(listing, {
      note: `${count(rows.length)} shown, ${count(read.data.searched)} searched${read.data.next ? "; there are more" : ""}`,
      next: read.data.next,
      draw,
    })}`;
}

function finished() {
  const read = ofEachQueue("recent", { limit: 200 }, 2_000);
  if (!read.data) {
    return missing(read);
  }
  const rows = read.answers
    .flatMap(({ queue, data }) => data.tasks.map((task) => ({ ...task, queue })))
    .sort((a, b) => (a.finished_at < b.finished_at ? 1 : -1));
  if (rows.length === 0) {
    return empty(WAITING_FOR.finished);
  }
  return html`${lateFailure(read)}
    <div class="scroll"><table class="cards">
      <thead><tr><th>Task</th><th>Type</th><th>State</th><th>Queue</th><th>Ended</th></tr></thead>
      <tbody>${repeat(distinct(rows), ([name]) => name, ([name, row]) => html`<tr data-row=${name} class=${name === listing.current ? "current" : ""}>
        <td data-name="Task">${taskLink(row.id, row.queue)}</td>
        <td class="text" data-name="Type" title=${row.type}>${row.type}</td>
        <td data-name="State">${badge(row.state)}</td>
        <td data-name="Queue">${row.queue}</td>
        <td data-name="Ended">${when(row.finished_at)}</td></tr>`)}</tbody>
    </table></div>
    <p class="pager">The latest ${count(rows.length)}; any older one can be looked up by its id while its status is kept.</p>`;
}

export const rows = { listing };
