// Asks for a token. What a person had typed elsewhere on the page stays, as the page lies beneath.
import { html, nothing, render } from "./lit/lit-html.js";
import { read, signInWith, signOutOf } from "./api.js";
import { changed, store } from "./store.js";
import { restart } from "./live.js";
import { reload } from "./resource.js";

let dialog = null;
let failure = "";

async function submit(event) {
  event.preventDefault();
  const form = event.target;
  try {
    await signInWith(new FormData(form).get("token"));
    store.session = await read("session");
    store.signInWanted = false;
    failure = "";
    close();
    restart();
    reload();
  } catch (e) {
    failure = e.status === 401 ? "This is not a token of this dashboard." : e.message;
    draw();
    form.querySelector("input").select();
  }
}

export async function signOut() {
  await signOutOf();
  location.reload();
}

function close() {
  dialog?.close();
  dialog?.remove();
  dialog = null;
  changed();
}

function draw() {
  render(
    html`<form @submit=${submit}>
      <h2 id="sign-in">Sign in to task-queue</h2>
      <label class="field"><span>Token</span>
        <input name="token" type="password" autocomplete="current-password" required autofocus aria-describedby="failure"></label>
      <p id="failure" role="alert">${failure || nothing}</p>
      <div class="row"><button class="primary" type="submit">Sign in</button></div>
    </form>`,
    dialog,
  );
}

/** Shows the form if a sign-in is wanted, once. */
export function signIn() {
  if (!store.signInWanted || dialog) {
    return;
  }
  dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "sign-in");
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.body.append(dialog);
  draw();
  dialog.showModal();
}
