// The dashboard: the frame around the pages, and what draws them.
import { html, nothing, render } from "./lit/lit-html.js";
import { chooseQueue, chosenQueues, onChange, store } from "./store.js";
import { count, relative } from "./format.js";
import { read } from "./api.js";
import { freeze, live } from "./live.js";
import { drawing, keepFresh } from "./resource.js";
import { go, route } from "./router.js";
import { keys } from "./keys.js";
import { refreshChart } from "./chart.js";
import { signIn, signOut } from "./signin.js";
import * as overview from "./pages/overview.js";
import * as tasks from "./pages/tasks.js";
import * as task from "./pages/task.js";
import * as dead from "./pages/dead.js";
import * as letter from "./pages/letter.js";
import * as scheduled from "./pages/scheduled.js";
import * as crons from "./pages/crons.js";
import * as queues from "./pages/queues.js";
import * as workers from "./pages/workers.js";

const PAGES = { overview, tasks, task, dead, letter, scheduled, crons, queues, workers };

const TABS = [
  ["overview", "Overview"],
  ["tasks", "Tasks"],
  ["dead", "Dead"],
  ["scheduled", "Scheduled"],
  ["crons", "Cron"],
  ["queues", "Queues"],
  ["workers", "Workers"],
];

const THEMES = ["", "light", "dark"];

let theme = localStorage.getItem("theme") ?? "";

function page() {
  return PAGES[route().name] ?? overview;
}

function tab(name, word, current) {
  const dead = name === "dead" ? chosenQueues().reduce((total, queue) => total + queue.dead, 0) : 0;
  return html`<a class="plain" href="#/${name}" aria-current=${name === current ? "page" : nothing}>${word}
    ${dead > 0 ? html`<span class="count bad">${count(dead)}</span>` : nothing}</a>`;
}

/** At the beginning alone, so that an id may hold colons; a value goes on to the next term. */
const TERM = /(?<=^|\s)(type|error|reason|since):(.+?)(?=\s+(?:type|error|reason|since):|$)/g;

function search(event) {
  event.preventDefault();
  const text = new FormData(event.target).get("search").trim();
  if (text === "") {
    return;
  }
  const terms = Object.fromEntries([...text.matchAll(TERM)].map(([, name, value]) => [name, value.trim()]));
  if (!/^(type|error|reason|since):/.test(text)) {
    go("task", { queue: store.queue }, text);
  } else if (Object.keys(terms).length === 1 && terms.type) {
    go("tasks", terms);
  } else {
    go("dead", { ...terms, all: "true" });
  }
  event.target.reset();
  document.querySelector("#page").focus();
}

function applyTheme() {
  if (theme === "") {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
  dispatchEvent(new Event("themechange"));
}

function turnTheme() {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  localStorage.setItem("theme", theme);
  applyTheme();
  draw();
}

function frame(current, content) {
  const names = (store.snapshot?.queues ?? []).map((queue) => queue.queue);
  const liveWord = store.frozen ? "paused" : store.awaySince ? "away" : "live";
  return html`
    <a class="skip" href="#page" @click=${toContent}>To the content</a>
    <header class="top">
      <div class="bar">
        <a class="brand" href="#/overview"><img src="assets/icon.svg" width="24" height="24" alt="">task-queue</a>
        ${names.length > 1
          ? html`<label class="visually-hidden" for="queue">Queue</label>
              <select id="queue" @change=${(event) => chooseQueue(event.target.value)}>
                <option value="" ?selected=${store.queue === ""}>all queues</option>
                ${names.map((name) => html`<option value=${name} ?selected=${name === store.queue}>${name}</option>`)}
              </select>`
          : html`<span class="muted">${names[0] ?? ""}</span>`}
        <nav class="tabs" aria-label="Pages">${TABS.map(([name, word]) => tab(name, word, current))}</nav>
        <div class="tools">
          <form role="search" @submit=${search}>
            <label class="visually-hidden" for="search">Search by id, or type: error:</label>
            <input id="search" name="search" type="search" placeholder="id, type:…, error:…   /" autocomplete="off" spellcheck="false">
          </form>
          <button class="small" @click=${() => freeze(!store.frozen)} title=${store.frozen ? "Go on refreshing" : "Stop refreshing"}>
            <span class="live ${store.frozen ? "" : store.awaySince ? "away" : "on"}"><span class="live-word">${liveWord}</span></span>
            <span class="visually-hidden">${store.frozen ? "Go on refreshing" : "Stop refreshing"}</span></button>
          <button class="small" @click=${turnTheme} title="Light or dark">${{ "": "auto", light: "light", dark: "dark" }[theme]}<span class="visually-hidden"> theme; turn</span></button>
        </div>
      </div>
      ${store.awaySince ? html`<p class="notice" role="alert">${store.awayReason}. These are the figures of ${relative(new Date(store.awaySince).toISOString(), Date.now())}.</p>` : nothing}
    </header>
    <main id="page" tabindex="-1">${content}</main>
    <footer class="foot">
      ${store.session ? html`<span>${store.session.role}${store.session.read_only ? ", read only" : ""}</span>` : nothing}
      ${store.session?.by === "session" ? html`<button class="link" @click=${signOut}>Sign out</button>` : nothing}
      <span><kbd>?</kbd> keys</span><a href="api/openapi.json">API</a>
    </footer>`;
}

function toContent(event) {
  event.preventDefault();
  document.querySelector("#page").focus();
}

/** In the tab, where a page that is not looked at is seen. */
function setIcon(path) {
  const link = document.querySelector("link[rel=icon]");
  if (link.getAttribute("href") !== path) {
    link.setAttribute("href", path);
  }
}

function draw() {
  const at = route();
  const shown = page();
  drawing();
  const wrong = (store.snapshot?.findings ?? []).filter((one) => one.severity !== "info").length;
  document.title = `${wrong > 0 ? `(${wrong} wrong) ` : ""}${shown.title(at)} · task-queue`;
  setIcon(wrong > 0 ? "assets/icon-wrong.svg" : "assets/icon.svg");
  document.body.classList.toggle("stale", store.awaySince !== 0);
  render(frame(at.name === "letter" ? "dead" : at.name === "task" ? "tasks" : at.name, shown.view(at, draw)), document.body);
  refreshChart();
  signIn();
}

async function start() {
  applyTheme();
  onChange(draw);
  addEventListener("hashchange", () => {
    draw();
    scrollTo(0, 0);
    document.querySelector("header [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  });
  keys(() => page().rows?.listing, draw);
  try {
    store.session = await read("session");
  } catch (e) {
    store.signInWanted = e.status === 401;
  }
  draw();
  live();
  keepFresh();
}

start();
