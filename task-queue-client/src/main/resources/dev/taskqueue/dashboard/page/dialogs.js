// What comes up above a page: questions before an action, and short messages after it.
import { html, nothing, render } from "./lit/lit-html.js";
import { count } from "./format.js";

const SHOWN_FOR = 6_000;
const TYPED_FROM = 1_000;

let messages = [];
let nextMessage = 1;
let corner = null;

function drawMessages() {
  if (!corner) {
    corner = document.createElement("div");
    corner.className = "toasts";
    corner.setAttribute("role", "status");
    document.body.append(corner);
  }
  render(
    messages.map(
      (one) => html`<div class="toast ${one.bad ? "bad" : ""}">
        <span>${one.text}</span><button class="small" aria-label="Dismiss" @click=${() => dismiss(one.id)}>×</button>
      </div>`,
    ),
    corner,
  );
}

function dismiss(id) {
  messages = messages.filter((one) => one.id !== id);
  drawMessages();
}

/** Says a sentence in a corner; a failure stays until it is dismissed. */
export function say(text, bad = false) {
  const id = nextMessage++;
  messages = [...messages.slice(-3), { id, text, bad }];
  drawMessages();
  if (!bad) {
    setTimeout(() => dismiss(id), SHOWN_FOR);
  }
}

/** Says how far something has come, until it ends. */
export function saySteadily(text) {
  const id = nextMessage++;
  const show = (now) => {
    messages = [...messages.filter((one) => one.id !== id), { id, text: now }];
    drawMessages();
  };
  show(text);
  return { say: show, end: () => dismiss(id) };
}

/**
 * Asks before an action.
 * @param fields what else is asked: [{ name, label, value, placeholder, type, options }]
 * @param number how many it concerns; many that are destroyed must be typed
 * @param perform does it with what was entered; where it fails the question stays, says why, and keeps what was typed
 * @returns what was entered, by name; null if the person thought better of it
 */
export function ask({ title, text, action, danger = false, fields = [], number = 0, perform = () => {} }) {
  const typed = danger && number > TYPED_FROM;
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "question");
  document.body.append(dialog);
  return new Promise((resolve) => {
    let failure = "";
    let busy = false;
    const close = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const submit = async (event) => {
      event.preventDefault();
      if (busy) {
        return;
      }
      const entered = Object.fromEntries(new FormData(event.target));
      if (typed && entered.typed.replaceAll(/\D/g, "") !== String(number)) {
        event.target.querySelector("[name=typed]").setCustomValidity(`Type ${number} to go on`);
        event.target.reportValidity();
        return;
      }
      busy = true;
      failure = "";
      draw();
      try {
        await perform(entered);
        close(entered);
      } catch (e) {
        failure = e.message;
      }
      busy = false;
      draw();
    };
    const draw = () => render(
      html`<form @submit=${submit}>
        <h2 id="question">${title}</h2>
        ${text ? html`<p>${text}</p>` : nothing}
        ${fields.map(input)}
        ${typed
          ? html`<label class="field"><span>Type the number ${count(number)} to go on</span>
              <input name="typed" inputmode="numeric" autocomplete="off" required
                @input=${(event) => event.target.setCustomValidity("")}></label>`
          : nothing}
        <p class="failure" role="alert">${failure}</p>
        <div class="row">
          <button type="button" @click=${() => close(null)}>Back</button>
          <button class=${danger ? "danger" : "primary"} type="submit" aria-busy=${busy}>${action}</button>
        </div>
      </form>`,
      dialog,
    );
    draw();
    dialog.addEventListener("cancel", () => close(null));
    dialog.showModal();
    dialog.querySelector("input, select, button[type=submit]")?.focus();
  });
}

function input({ name, label, value = "", placeholder = "", type = "text", options = null, required = false }) {
  return html`<label class="field"><span>${label}</span>
    ${options
      ? html`<select name=${name}>${options.map(([one, word]) => html`<option value=${one} ?selected=${one === value}>${word}</option>`)}</select>`
      : html`<input name=${name} type=${type} .value=${value} placeholder=${placeholder} ?required=${required} autocomplete="off">`}
  </label>`;
}
