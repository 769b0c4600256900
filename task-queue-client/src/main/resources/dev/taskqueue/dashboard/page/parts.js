// What pages are put together from.
import { html, nothing } from "./lit/lit-html.js";
import { absolute, count, duration, relative, shortId } from "./format.js";
import { say } from "./dialogs.js";

const STATES = {
  pending: ["", "○"],
  scheduled: ["later", "◷"],
  running: ["busy", "▶"],
  retrying: ["warn", "↻"],
  succeeded: ["good", "✓"],
  duplicate: ["", "="],
  dead: ["bad", "✕"],
  cancelled: ["", "⊘"],
  expired: ["warn", "!"],
};

/** A state, as a word with a sign and a colour. */
export function badge(state, word = state) {
  const [tone, sign] = STATES[state] ?? ["", "·"];
  return html`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span>${word}</span>`;
}

export function tag(tone, word) {
  return html`<span class="badge ${tone}">${word}</span>`;
}

/** A moment, as seen from now; absolute where the pointer rests. */
export function when(iso) {
  return iso ? html`<time datetime=${iso} title=${absolute(iso)} class="nowrap">${relative(iso, Date.now())}</time>` : "–";
}

/** When a scheduled task runs: a retry is told under another name. */
export function dueAt(task) {
  return task.due_at ?? task.next_attempt_at;
}

/** How long ago a moment was, without the word. */
export function since(iso) {
  return iso
    ? html`<time datetime=${iso} title=${absolute(iso)} class="nowrap">${duration(Date.now() - Date.parse(iso))}</time>`
    : "–";
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say(`Copied: ${text}`);
  } catch {
    say("The browser does not let this page copy", true);
  }
}

/** The command that does the same as the page. */
export function command(text) {
  return html`<span class="command">
    <code title=${text}>${text}</code>
    <button class="small" @click=${() => copy(text)}>Copy<span class="visually-hidden"> the command</span></button>
  </span>`;
}

export function taskLink(id, queue = "") {
  const href = queue ? `#/task/${encodeURIComponent(id)}?queue=${encodeURIComponent(queue)}` : `#/task/${encodeURIComponent(id)}`;
  return html`<a class="mono" href=${href} title=${id} data-open>${shortId(id)}</a>`;
}

export function empty(title, ...more) {
  return html`<div class="empty"><p>${title}</p>${more.map((line) => html`<p>${line}</p>`)}</div>`;
}

/** What stands where a resource has not come, or did not come. */
export function missing(resource) {
  return resource.error
    ? html`<div class="empty" role="alert"><p>${resource.error.message}</p>
        <button @click=${() => resource.load()}>Try again</button></div>`
    : html`<div class="empty" aria-busy="true"><p>Loading …</p></div>`;
}

/** A failure that came after something had been read: what was read stays. */
export function lateFailure(resource) {
  return resource.error && resource.data !== undefined
    ? html`<p class="notice" role="alert">${resource.error.message}; these are the last figures.</p>`
    : nothing;
}

/** A line through some figures, the last at the right. */
export function spark(values, tone = "") {
  if (values.length < 2) {
    return nothing;
  }
  const most = Math.max(1, ...values);
  const step = 88 / (values.length - 1);
  const points = values.map((value, i) => `${(i * step).toFixed(1)},${(26 - (24 * value) / most).toFixed(1)}`).join(" ");
  return html`<svg class="spark ${tone}" width="88" height="28" viewBox="0 0 88 28" aria-hidden="true">
    <polyline points=${points} fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" />
  </svg>`;
}

export function meter(share) {
  const width = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return html`<svg class="meter" width="100%" height="6" aria-hidden="true">
    <rect width="${width}%" height="6" rx="3" fill="currentColor" />
  </svg>`;
}

/** JSON as a tree that can be folded. */
export function tree(value, name = undefined, depth = 0) {
  const label = name === undefined ? nothing : html`<span class="name">${name}</span>: `;
  if (value === null || typeof value !== "object") {
    return html`<div>${label}<span class=${typeof value === "string" ? "string" : "scalar"}>${JSON.stringify(value)}</span></div>`;
  }
  const entries = Object.entries(value);
  const ends = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) {
    return html`<div>${label}${ends[0]}${ends[1]}</div>`;
  }
  const shown = entries.slice(0, 200);
  return html`<details ?open=${depth < 2}>
    <summary>${label}${ends[0]} <span class="muted">${count(entries.length)}</span> ${ends[1]}</summary>
    <div>
      ${depth > 40 ? html`<div class="muted">… deeper than is shown; see the raw text</div>` : shown.map(([key, one]) => tree(one, key, depth + 1))}
      ${entries.length > shown.length ? html`<div class="muted">… ${count(entries.length - shown.length)} more; see the raw text</div>` : nothing}
    </div>
  </details>`;
}

/** From page to page by cursor. */
export function pager(listing, { note, next, draw }) {
  const turn = (to) => () => { to(); draw(); };
  return html`<div class="pager">
    <span>${note}</span>
    <span class="row end">
      <button class="small" ?disabled=${listing.isFirst} @click=${turn(() => listing.toFirst())}>First page</button>
      <button class="small" ?disabled=${!next} @click=${turn(() => listing.toNext(next))}>Next page</button>
    </span>
  </div>`;
}
