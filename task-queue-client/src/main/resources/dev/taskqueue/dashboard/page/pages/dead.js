// Dead letters: by group first, since most have died of the same; then one by one.
import { html, nothing } from "../lit/lit-html.js";
import { repeat } from "../lit/directives/repeat.js";
import { listedQueue, may, store } from "../store.js";
import { count, plural, shellCommand, shortId, simpleName } from "../format.js";
import { command, empty, lateFailure, missing, pager, spark, tag, when } from "../parts.js";
import { queueTabs } from "../queuetabs.js";
import { Listing, distinct } from "../listing.js";
import { ofEachQueue } from "../resource.js";
import { go, hashOf } from "../router.js";
import { deleteDead, exportDead, retryDead } from "../actions.js";

const listing = new Listing("dead", 3_000);

const FIELDS = ["type", "error", "reason", "since"];

export const title = () => "Dead letters";

const filterOf = (parameters) => Object.fromEntries(FIELDS.filter((field) => parameters[field]).map((field) => [field, parameters[field]]));

export function view(route, draw) {
  const filter = filterOf(route.parameters);
  const filtered = Object.keys(filter).length > 0;
  const one = filtered || route.parameters.all === "true";
  return html`
    <div class="head"><h1>Dead letters</h1><span class="end">${command(shellCommand("dead list", { ...filter, queue: store.queue }))}</span></div>
    <div class="panel flush">
      <div class="head">
        <nav class="tabs" aria-label="How to look at them">
          <a class="plain" href="#/dead" aria-current=${one ? nothing : "page"}>Groups</a>
          <a class="plain" href="#/dead?all=true" aria-current=${one ? "page" : nothing}>Letters</a>
        </nav>
        ${one ? form(filter) : nothing}
      </div>
      ${one ? letters(filter, draw) : groups()}
    </div>`;
}

function form(filter) {
  const submit = (event) => {
    event.preventDefault();
    const entered = Object.fromEntries(new FormData(event.target));
    go("dead", { ...filterOf(entered), all: "true" });
  };
  return html`<form class="row end" @submit=${submit}>
    ${FIELDS.map((name) => html`<label class="visually-hidden" for="by-${name}">${name}</label>
      <input id="by-${name}" name=${name} .value=${filter[name] ?? ""} size=${name === "since" ? 6 : 14}
        placeholder=${{ type: "type", error: "text of the error", reason: "reason", since: "since: 1h" }[name]}>`)}
    <button type="submit">Filter</button>
  </form>`;
}

function groups() {
  const read = ofEachQueue("dead/groups", {}, 5_000);
  if (!read.data) {
    return missing(read);
  }
  const found = read.answers
    .flatMap(({ queue, data }) => data.groups.map((group) => ({ ...group, queue, complete: data.complete })))
    .sort((a, b) => b.count - a.count);
  const searched = read.answers.reduce((total, { data }) => total + data.searched, 0);
  const complete = read.answers.every(({ data }) => data.complete);
  const several = read.answers.length > 1;
  if (found.length === 0) {
    return empty("No dead letters.", "A task that fails for good, or as often as it may, would lie here with its reason.");
  }
  return html`${lateFailure(read)}
    <div class="scroll"><table class="cards">
      <thead><tr><th>Type</th>${several ? html`<th>Queue</th>` : nothing}<th>Error</th><th>Reason</th><th class="number">Letters</th><th>Since</th><th>Latest</th><th></th><th></th></tr></thead>
      <tbody>${repeat(found, keyOf, (one) => html`<tr data-row=${keyOf(one)} class=${keyOf(one) === listing.current ? "current" : ""}>
        <td class="text" data-name="Type" title=${one.type ?? ""}><a href=${hashOf("dead", selectionOf(one))} data-open @click=${() => { store.listed = one.queue; }}>${one.type ?? "no task"}</a></td>
        ${several ? html`<td data-name="Queue">${one.queue}</td>` : nothing}
        <td class="text mono" data-name="Error" title=${one.error ?? ""}>${one.error ? simpleName(one.error) : "–"}</td>
        <td data-name="Reason">${one.reason}</td>
        <td class="number" data-name="Letters">${count(one.count)}</td>
        <td data-name="Since">${when(one.first)}</td>
        <td data-name="Latest">${when(one.last)}</td>
        <td>${one.by_hour ? spark(one.by_hour, "bad") : nothing}</td>
        <td class="actions">${actions(selectionOf(one), one.count, one.complete, one.queue)}</td>
      </tr>`)}</tbody>
    </table></div>
    <p class="pager">${plural(found.length, "group")} of the ${complete ? count(searched) : `newest ${count(searched)}`} letters${complete ? "" : "; older ones were not looked at"}</p>`;
}

const keyOf = (one) => JSON.stringify([one.type, one.error, one.reason, one.queue]);

/** The filter that fits a group; what it lacks is not asked for. */
const selectionOf = (one) => ({ type: one.type ?? "", error: one.error ?? "", reason: one.reason });

function actions(filter, number, complete, queue) {
  const described = `Those that match ${Object.entries(filter).filter(([, value]) => value).map(([name, value]) => `${name} ${value}`).join(", ") || "all"}`;
  const selection = Object.values(filter).some(Boolean) ? { filter: filterOf(filter) } : { all: true };
  const asked = { queue, number: complete ? number : undefined, described, ...selection };
  return html`
    ${may("operator") ? html`<button class="small" data-action="retry" @click=${() => retryDead(asked)}>Retry</button>` : nothing}
    ${may("admin") ? html`<button class="small danger" @click=${() => deleteDead(asked)}>Delete</button>` : nothing}`;
}

function letters(filter, draw) {
  const queue = listedQueue("dead");
  const tabs = queueTabs("dead", queue, draw);
  const read = listing.read({ ...filter, queue });
  if (!read.data) {
    return html`${tabs}${missing(read)}`;
  }
  const { letters: rows, searched, next } = read.data;
  const complete = next === undefined;
  const all = Object.keys(filter).length === 0;
  const matched = all ? (store.snapshot?.queues.find((one) => one.queue === queue)?.dead ?? rows.length) : rows.length;
  if (rows.length === 0) {
    return html`${tabs}${lateFailure(read)}${empty(`No dead letter matches among the ${complete ? "" : "newest "}${count(searched)} searched.`)}`;
  }
  const ids = rows.map((row) => row.id);
  const chosen = listing.selected;
  return html`${tabs}${lateFailure(read)}
    <div class="head">
      <span class="muted">${chosen.size > 0 ? `${count(chosen.size)} selected` : all ? plural(matched, "letter") : `${plural(matched, "letter")}${complete && listing.isFirst ? "" : " on this page; more may match"}`}</span>
      <span class="row end">
        ${chosen.size > 0
          ? selectedActions([...chosen], queue)
          : actions(filter, matched, all || (complete && listing.isFirst), queue)}
        <button class="small" @click=${() => exportDead(filter, queue)}>Export</button>
      </span>
    </div>
    <div class="scroll"><table class="cards">
      <thead><tr><th><input type="checkbox" aria-label="Select all on this page" .checked=${ids.every((id) => chosen.has(id))}
          @change=${() => { listing.toggleAll(ids); draw(); }}></th>
        <th>Letter</th><th>Type</th><th>Reason</th><th>Error</th><th class="number">Retries</th><th>Died</th><th></th></tr></thead>
      <tbody>${repeat(distinct(rows), ([name]) => name, ([name, row]) => html`<tr data-row=${name} class=${name === listing.current ? "current" : ""}>
        <td><input type="checkbox" aria-label="Select ${row.id}" .checked=${chosen.has(row.id)} @change=${() => { listing.toggle(row.id); draw(); }}></td>
        <td data-name="Letter"><a class="mono" data-open title=${row.id} href=${hashOf("letter", { queue }, row.id)}>${shortId(row.id)}</a></td>
        <td class="text" data-name="Type" title=${row.type ?? ""}>${row.type ?? tag("", "no task")}</td>
        <td data-name="Reason">${row.reason}</td>
        <td class="text" data-name="Error" title=${row.last_error ?? ""}>${row.last_error ?? ""}</td>
        <td class="number" data-name="Retries">${count(row.retries)}</td>
        <td data-name="Died">${when(row.died_at)}</td>
        <td class="actions">${row.retryable && may("operator") ? html`<button class="small" data-action="retry" @click=${() => retryDead({ queue, number: 1, described: `The letter ${row.id}`, ids: [row.id] })}>Retry</button>` : nothing}</td>
      </tr>`)}</tbody>
    </table></div>
    ${pager(listing, {
      note: `${count(rows.length)} shown, newest first; ${count(searched)} searched`,
      next,
      draw,
    })}`;
}

function selectedActions(ids, queue) {
  const selection = { queue, number: ids.length, described: "Those that are selected", ids };
  const done = (entered) => entered && listing.toggleAll([]);
  return html`
    ${may("operator") ? html`<button class="small primary" data-action="retry" @click=${() => retryDead(selection).then(done)}>Retry selected</button>` : nothing}
    ${may("admin") ? html`<button class="small danger" @click=${() => deleteDead(selection).then(done)}>Delete selected</button>` : nothing}`;
}

export const rows = { listing };
