// An error as text: its class and message first, then the frames of the user's own code before those of libraries.
import { html, nothing } from "./lit/lit-html.js";

const LIBRARIES = /^\s*at (java|javax|jdk|sun|com\.sun|dev\.taskqueue|redis\.clients|com\.fasterxml|org\.slf4j)\b/;

export function errorText(text) {
  const lines = text.split("\n");
  const [first] = lines;
  const colon = first.indexOf(": ");
  const frames = lines.slice(1);
  const own = frames.filter((line) => /^\s*at /.test(line) && !LIBRARIES.test(line));
  const named = /^[\w$.]+$/.test(colon > 0 ? first.slice(0, colon) : first);
  return html`
    ${named ? html`<p><b class="mono">${colon > 0 ? first.slice(0, colon) : first}</b></p>` : nothing}
    ${named ? (colon > 0 ? html`<p>${first.slice(colon + 2)}</p>` : nothing) : html`<p>${first}</p>`}
    ${own.length > 0 ? html`<pre class="code">${own.slice(0, 8).join("\n")}</pre>` : nothing}
    ${frames.length > 0 ? html`<details><summary>All of it</summary><pre class="code">${text}</pre></details>` : nothing}`;
}
