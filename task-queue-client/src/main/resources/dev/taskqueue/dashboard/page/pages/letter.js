// One dead letter, a malformed one too: what it died of, and its bytes.
import { html, nothing } from "../lit/lit-html.js";
import { may } from "../store.js";
import { shellCommand } from "../format.js";
import { command, copy, missing, tag, tree, when } from "../parts.js";
import { ONCE, resource } from "../resource.js";
import { deleteDead, retryDead } from "../actions.js";
import { go } from "../router.js";
import { errorText } from "../error.js";

export const title = (route) => `Dead letter ${route.argument}`;

export function view(route) {
  const id = route.argument;
  const queue = route.parameters.queue ?? "";
  const read = resource(`dead/${encodeURIComponent(id)}`, { queue }, ONCE);
  const head = html`<div class="head"><h1 class="mono">${id}</h1>
    <button class="small" @click=${() => copy(id)}>Copy<span class="visually-hidden"> the id</span></button>
    <span class="end">${command(shellCommand("dead show", { queue }, id))}</span></div>`;
  if (!read.data) {
    return html`${head}<div class="panel">${missing(read)}</div>`;
  }
  const letter = read.data;
  const raw = JSON.stringify(letter.letter, null, 2);
  const payload = letter.letter?.payload;
  const selection = { queue, ids: [id], number: 1, described: `The letter ${id}` };
  return html`${head}
    <div class="columns wide-first">
      <div class="stack">
        <section class="panel stack">
          <div class="row">${tag("bad", "✕ dead")}<b>${letter.type ?? "no task"}</b>
            <span class="row end">
              ${letter.retryable && may("operator") ? html`<button class="primary" data-action="retry" @click=${() => retryDead(selection).then((entered) => entered && go("task", { queue }, id))}>Retry</button>` : nothing}
              ${may("admin") ? html`<button class="danger" @click=${() => deleteDead(selection).then((entered) => entered && go("dead", { all: "true" }))}>Delete</button>` : nothing}
            </span></div>
          <p>${letter.reason}</p>
          ${letter.retryable ? nothing : html`<p class="muted">It is not a task, and so it cannot be retried.</p>`}
        </section>
        ${letter.last_error ? html`<section class="panel stack"><h2>Error</h2>${errorText(letter.last_error)}</section>` : nothing}
        ${payload === undefined ? nothing : html`<section class="panel stack"><h2>Payload</h2><div class="tree">${tree(payload)}</div></section>`}
        <section class="panel stack"><div class="row"><h2>The letter as it lies there</h2>
          <button class="small end" @click=${() => copy(raw)}>Copy<span class="visually-hidden"> the letter</span></button></div>
          <details ?open=${payload === undefined}><summary>Raw</summary><pre class="code">${raw}</pre></details></section>
      </div>
      <section class="panel"><h2>Facts</h2><dl class="facts">
        <dt>died</dt><dd>${when(letter.died_at)}</dd>
        <dt>retries</dt><dd>${letter.retries}</dd>
        ${letter.task?.created_at ? html`<dt>created</dt><dd>${when(letter.task.created_at)}</dd>` : nothing}
      </dl></section>
    </div>`;
}
