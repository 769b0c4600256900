// The keyboard: g and a letter goes to a page, j and k move in a list, and so on; ? tells them all.
import { html } from "./lit/lit-html.js";
import { ask } from "./dialogs.js";
import { go } from "./router.js";

const PAGES = { o: "overview", t: "tasks", d: "dead", s: "scheduled", c: "crons", q: "queues", w: "workers" };

let waitsForPage = 0;

function isTyping(event) {
  return event.target.closest("input:not([type=checkbox]), select, textarea, dialog") !== null;
}

function rowsOnPage() {
  return [...document.querySelectorAll("tr[data-row]")];
}

function help() {
  const keys = [["/", "search"], ["g o", "overview"], ["g t", "tasks"], ["g d", "dead letters"], ["g s", "scheduled"], ["g c", "cron"], ["g q", "queues"],
    ["g w", "workers"], ["j k", "next, previous row"], ["Enter", "open the row"], ["x", "select the row"], ["r", "retry what is selected, or the row"]];
  ask({ title: "Keys", text: html`<dl class="facts">${keys.map(([key, word]) => html`<dt><kbd>${key}</kbd></dt><dd>${word}</dd>`)}</dl>`, action: "Close" });
}

/** What is selected, else the row, else what the page is about; never all that a list shows. */
function retry(list, rows, current) {
  const button =
    list?.selected.size > 0
      ? document.querySelector(".head [data-action=retry]")
      : rows.length > 0
        ? current?.querySelector("[data-action=retry]")
        : document.querySelector("main [data-action=retry]");
  button?.click();
}

/**
 * @param listing gives what the page lists, or undefined
 */
export function keys(listing, draw) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) {
      return;
    }
    if (Date.now() < waitsForPage) {
      waitsForPage = 0;
      if (PAGES[event.key]) {
        go(PAGES[event.key]);
        return;
      }
    }
    const rows = rowsOnPage();
    const list = listing();
    const at = rows.findIndex((row) => row.dataset.row === list?.current);
    const current = rows[at];
    switch (event.key) {
      case "/":
        event.preventDefault();
        document.querySelector("#search")?.focus();
        break;
      case "g":
        waitsForPage = Date.now() + 1_500;
        break;
      case "j":
      case "k":
        if (list && rows.length > 0) {
          list.move(event.key === "j" ? 1 : -1, rows.map((row) => row.dataset.row));
          draw();
          document.querySelector("tr.current")?.scrollIntoView({ block: "nearest" });
        }
        break;
      case "Enter":
        if (event.target === document.body || event.target.id === "page") {
          current?.querySelector("[data-open]")?.click();
        }
        break;
      case "x":
        current?.querySelector("input[type=checkbox]")?.click();
        break;
      case "r":
        retry(list, rows, current);
        break;
      case "?":
        help();
        break;
      default:
    }
  });
}
