// What is wrong, first; then how much there is of what, and how fast it goes.
import { html, nothing } from "../lit/lit-html.js";
import { chosenQueues, may, store } from "../store.js";
import { clock, count, plural, rate } from "../format.js";
import { empty, meter, missing, spark, when } from "../parts.js";
import { past } from "../live.js";
import { ofEachQueue } from "../resource.js";
import { resumeQueue } from "../actions.js";
import { chart } from "../chart.js";

const SPANS = [
  ["5m", "5 min"],
  ["1h", "1 h"],
  ["24h", "24 h"],
];

let span = "1h";

export const title = () => "Overview";

export function view(route, draw) {
  const snapshot = store.snapshot;
  if (!snapshot) {
    return empty("Waiting for the first figures …");
  }
  const queues = chosenQueues();
  return html`
    <h1 class="visually-hidden">Overview</h1>
    ${findings(snapshot)} ${figures(queues)} ${throughput(draw)}
  `;
}

function findings(snapshot) {
  const found = (snapshot.findings ?? []).filter((one) => store.queue === "" || !one.queue || one.queue === store.queue);
  // A pause is meant, and all the same what whoever looks in must know.
  const wrong = found.filter((one) => one.severity !== "info" || one.code === "paused");
  const infos = found.filter((one) => !wrong.includes(one));
  return html`<section class="findings" aria-label="What is wrong">
    ${wrong.length === 0
      ? html`<p class="calm"><b>✓ Nothing is wrong.</b> ${snapshot.checked_at ? html`Checked ${when(snapshot.checked_at)}.` : nothing}</p>`
      : wrong.map(finding)}
    ${infos.length === 0
      ? nothing
      : html`<details><summary class="muted">${plural(infos.length, "remark")}</summary>
          <div class="findings">${infos.map(finding)}</div></details>`}
  </section>`;
}

const WAYS = {
  dead_letters: ["#/dead", "Dead letters"],
  paused: ["#/queues", "Queues"],
  no_workers: ["#/workers", "Workers"],
  workers_silent: ["#/workers", "Workers"],
  workers_quiet: ["#/workers", "Workers"],
  parked: ["#/tasks?place=parked", "Parked tasks"],
  suspects: ["#/tasks?place=suspects", "Tasks on trial"],
  overdue: ["#/scheduled", "Scheduled"],
  backlog: ["#/tasks", "What waits"],
  crons_broken: ["#/crons", "Cron"],
};

function finding(one) {
  const way = WAYS[one.code];
  return html`<div class="finding ${one.severity === "critical" ? "bad" : one.severity === "info" ? "info" : ""}">
    <div>
      <p>${one.queue && store.snapshot.queues.length > 1 ? html`<span class="badge">${one.queue}</span> ` : nothing}<b>${one.what}</b></p>
      <p class="muted">${one.meaning} ${one.todo}</p>
    </div>
    <div class="way">
      ${one.code === "paused" && one.queue && may("operator")
        ? html`<button @click=${() => resumeQueue(one.queue)}>Resume</button>`
        : way
          ? html`<a class="button" href=${way[0]}>${way[1]}</a>`
          : nothing}
    </div>
  </div>`;
}

const sum = (queues, field) => queues.reduce((total, queue) => total + (queue[field] ?? 0), 0);

function history(queues, field) {
  const series = queues.map((queue) => past.get(queue.queue) ?? []);
  const length = Math.min(...series.map((one) => one.length));
  return Array.from({ length: Number.isFinite(length) ? length : 0 }, (_, i) =>
    series.reduce((total, one) => total + (one[one.length - length + i][field] ?? 0), 0),
  );
}

const earliest = (queues, field) => queues.map((queue) => queue[field]).filter(Boolean).sort()[0];

function figures(queues) {
  const ready = sum(queues, "ready");
  const dead = sum(queues, "dead");
  const oldest = earliest(queues, "oldest_ready");
  const due = earliest(queues, "next_due");
  const overdue = sum(queues, "overdue");
  // One worker may serve several queues with the same threads.
  const threads = store.queue === "" ? store.snapshot.threads : sum(queues, "threads");
  const running = sum(queues, "processing");
  const parked = sum(queues, "parked");
  return html`<section class="figures" aria-label="Now">
    ${figure("Ready", "#/tasks", ready, oldest ? html`oldest ${when(oldest)}` : parked ? plural(parked, "parked task", "parked tasks") : "", spark(history(queues, "ready")))}
    ${figure("Running", "#/tasks?place=running", running, threads ? html`${running > threads ? plural(threads, "live thread") : html`of ${plural(threads, "thread")}`}${meter(running / threads)}` : plural(sum(queues, "workers"), "worker"), spark(history(queues, "processing")))}
    ${figure("Scheduled", "#/scheduled", sum(queues, "scheduled"), overdue ? html`<b>${count(overdue)} overdue</b>` : due ? html`next ${when(due)}` : "", spark(history(queues, "scheduled")))}
    ${figure("Dead", "#/dead", dead, deadDetail(), spark(history(queues, "dead"), "bad"), dead > 0)}
  </section>`;
}

function figure(name, href, value, detail, line, bad = false) {
  return html`<a class="panel figure plain" href=${href}>
    <span class="name">${name}</span>
    <span class="value ${bad ? "bad" : ""}">${count(value)}</span>
    <span class="detail">${detail}</span>
    ${line}
  </a>`;
}

function deadDetail() {
  const hour = minutesOf(ofEachQueue("history", { for: "1h" }, 10_000));
  const fresh = hour.reduce((total, minute) => total + (minute.totals.dead ?? 0), 0);
  return fresh === 0 ? "none new in the last hour" : `${count(fresh)} new in the last hour`;
}

const minutesOf = (read) => read.answers.flatMap(({ data }) => data.minutes);

const OUTCOMES = ["succeeded", "retrying", "dead", "other"];

const WORDS = { succeeded: "succeeded", retrying: "failed, to be retried", dead: "dead", other: "other" };

const MINUTES = { "5m": 5, "1h": 60, "24h": 1_440 };

function throughput(draw) {
  const read = ofEachQueue("history", { for: span }, span === "24h" ? 60_000 : 10_000);
  const types = ofEachQueue("history", { for: span === "24h" ? "3h" : span, types: "true" }, span === "24h" ? 60_000 : 10_000);
  return html`<section class="columns wide-first">
    <div class="panel stack">
      <div class="head">
        <h2>Throughput</h2>
        <div class="row end" role="group" aria-label="Span">
          ${SPANS.map(([value, word]) => html`<button class="small" aria-pressed=${value === span}
            ?disabled=${value === span} @click=${() => { span = value; draw(); }}>${word}</button>`)}
        </div>
      </div>
      ${read.data ? plot(minutesOf(read)) : missing(read)}
    </div>
    <div class="panel stack">${types.data ? byType(minutesOf(types)) : missing(types)}</div>
  </section>`;
}

function plot(minutes) {
  if (minutes.length === 0) {
    return empty("No task has ended in this time.");
  }
  const rows = minutes.map((minute) => {
    const row = { at: Date.parse(minute.minute), succeeded: 0, retrying: 0, dead: 0, other: 0 };
    for (const [outcome, number] of Object.entries(minute.totals)) {
      row[outcome in row ? outcome : "other"] += number;
    }
    return row;
  });
  const total = rows.reduce((all, row) => all + row.succeeded + row.dead + row.other, 0);
  return html`
    <div class="chart">${chart(rows, OUTCOMES, MINUTES[span])}</div>
    <p class="legend">
      ${OUTCOMES.map((outcome) => html`<span class="key-${outcome}"><i></i>${WORDS[outcome]}</span>`)}
      <span>${count(total)} ended, ${rate(total / (MINUTES[span] * 60))}; to ${clock(Date.now())}</span>
    </p>`;
}

function byType(minutes) {
  const types = new Map();
  for (const minute of minutes) {
    for (const [type, states] of Object.entries(minute.counts ?? {})) {
      const row = types.get(type) ?? { type, failed: 0, ended: 0 };
      for (const [state, number] of Object.entries(states)) {
        row[state === "retrying" || state === "dead" ? "failed" : "ended"] += number;
      }
      types.set(type, row);
    }
  }
  const rows = [...types.values()].sort((a, b) => b.failed - a.failed || b.ended - a.ended).slice(0, 10);
  return html`<h2>By type</h2>
    ${rows.length === 0
      ? empty("No task has ended in this time.")
      : html`<div class="scroll"><table>
          <thead><tr><th>Type</th><th class="number">Failed</th><th class="number">Ended well</th></tr></thead>
          <tbody>${rows.map((row) => html`<tr>
            <td class="text" title=${row.type}>${row.failed ? html`<a href="#/dead?type=${encodeURIComponent(row.type)}">${row.type}</a>` : row.type}</td>
            <td class="number">${count(row.failed)}</td><td class="number">${count(row.ended)}</td></tr>`)}</tbody>
        </table></div>`}`;
}

