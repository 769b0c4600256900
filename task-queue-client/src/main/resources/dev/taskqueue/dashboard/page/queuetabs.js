// Which queue's entries are listed, where several are looked at: each has lists of its own.
import { html, nothing } from "./lit/lit-html.js";
import { chosenQueues, store } from "./store.js";
import { count } from "./format.js";

export function queueTabs(field, current, draw) {
  const queues = chosenQueues();
  if (queues.length < 2) {
    return nothing;
  }
  const choose = (name) => {
    store.listed = name;
    draw();
  };
  return html`<div class="head" role="group" aria-label="Queue"><span class="muted">of queue</span>
    ${queues.map((queue) => html`<button class="small" aria-pressed=${queue.queue === current} ?disabled=${queue.queue === current}
      @click=${() => choose(queue.queue)}>${queue.queue} <span class="count">${count(queue[field])}</span></button>`)}</div>`;
}
