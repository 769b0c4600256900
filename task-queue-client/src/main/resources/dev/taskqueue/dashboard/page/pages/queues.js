// Queues: how much waits in each lane, how fast it comes and goes, and whether somebody paused it.
import { html, nothing } from "../lit/lit-html.js";
import { repeat } from "../lit/directives/repeat.js";
import { chooseQueue, may, store } from "../store.js";
import { count, duration, rate } from "../format.js";
import { command, empty, tag, when } from "../parts.js";
import { past } from "../live.js";
import { pauseQueue, resumeQueue } from "../actions.js";

export const title = () => "Queues";

export function view() {
  const rows = store.snapshot?.queues ?? [];
  return html`
    <div class="head"><h1>Queues</h1><span class="end">${command("client.jar queues")}</span></div>
    <div class="panel flush">${rows.length === 0 ? empty("Waiting for the first figures …") : table(rows)}</div>`;
}

function table(rows) {
  return html`<div class="scroll"><table class="cards">
    <thead><tr><th>Queue</th><th class="number">High</th><th class="number">Normal</th><th class="number">Low</th><th>Oldest</th>
      <th class="number">Running</th><th class="number">Scheduled</th><th class="number">Parked</th><th class="number">Dead</th>
      <th class="number">Workers</th><th>Trend</th><th>State</th><th></th></tr></thead>
    <tbody>${repeat(rows, (row) => row.queue, (row) => html`<tr data-row>
      <td data-name="Queue"><a href="#/overview" @click=${() => chooseQueue(row.queue)}>${row.queue}</a></td>
      <td class="number" data-name="High">${count(row.ready_high)}</td>
      <td class="number" data-name="Normal">${count(row.ready_normal)}</td>
      <td class="number" data-name="Low">${count(row.ready_low)}</td>
      <td data-name="Oldest">${when(row.oldest_ready)}</td>
      <td class="number" data-name="Running">${count(row.processing)}</td>
      <td class="number" data-name="Scheduled">${count(row.scheduled)}</td>
      <td class="number" data-name="Parked">${count(row.parked)}</td>
      <td class="number" data-name="Dead">${row.dead > 0 ? html`<a href="#/dead" @click=${() => chooseQueue(row.queue)}>${count(row.dead)}</a>` : "0"}</td>
      <td class="number" data-name="Workers">${count(row.workers)}</td>
      <td data-name="Trend">${trend(row)}</td>
      <td data-name="State">${row.paused ? pausedWords(row) : tag("good", "✓ open")}</td>
      <td class="actions">${may("operator")
        ? row.paused
          ? html`<button class="small primary" @click=${() => resumeQueue(row.queue)}>Resume</button>`
          : html`<button class="small" @click=${() => pauseQueue(row.queue)}>Pause</button>`
        : nothing}</td>
    </tr>`)}</tbody>
  </table></div>`;
}

function pausedWords(row) {
  return html`<div>${tag("warn", "paused")}
    <div class="muted">${row.paused_by ? html`by ${row.paused_by} ` : nothing}${row.paused_since ? when(row.paused_since) : nothing}${row.paused_reason ? html`: ${row.paused_reason}` : nothing}${row.paused_until ? html`; until ${when(row.paused_until)}` : nothing}</div></div>`;
}

/** Whether what waits grows, or when it is gone if it goes on like this; by the snapshots of the last two minutes. */
function trend(row) {
  const kept = past.get(row.queue) ?? [];
  if (kept.length < 10) {
    return html`<span class="muted">…</span>`;
  }
  const seconds = kept.length - 1;
  const slope = (row.ready - kept[0].ready) / seconds;
  if (row.ready === 0 && kept[0].ready === 0) {
    return html`<span class="muted">empty</span>`;
  }
  if (Math.abs(slope) < 0.05) {
    return html`<span class="muted">steady</span>`;
  }
  return slope > 0 ? html`grows by ${rate(slope)}` : html`empty in about ${duration((row.ready / -slope) * 1_000)}`;
}
