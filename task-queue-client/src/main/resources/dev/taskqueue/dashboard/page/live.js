// The snapshots of the server, as they come; none are asked for while the page is hidden or frozen.
import { changed, store } from "./store.js";
import { read } from "./api.js";

const LONGEST_PAUSE = 15_000;
const KEPT = 120;

let source = null;
let retry = 0;
let pause = 1_000;

/** For the small charts: the figures of the snapshots of the last two minutes, by queue. */
export const past = new Map();

function remember(snapshot) {
  for (const queue of snapshot.queues) {
    const kept = past.get(queue.queue) ?? [];
    kept.push(queue);
    if (kept.length > KEPT) {
      kept.shift();
    }
    past.set(queue.queue, kept);
  }
}

function away(reason) {
  if (store.awaySince === 0) {
    store.awaySince = store.snapshot ? Date.parse(store.snapshot.at) : Date.now();
  }
  store.awayReason = reason;
  changed();
}

async function failed() {
  stop();
  // An event source does not tell why; a plain request does.
  try {
    store.session = await read("session");
    away("The connection to the dashboard's server was lost");
  } catch (e) {
    if (e.status === 401) {
      store.signInWanted = true;
      changed();
      return;
    }
    away(e.message);
  }
  retry = setTimeout(start, pause);
  pause = Math.min(pause * 2, LONGEST_PAUSE);
}

function start() {
  clearTimeout(retry);
  if (source || document.hidden || store.frozen || store.signInWanted) {
    return;
  }
  source = new EventSource("api/live");
  source.addEventListener("snapshot", (event) => {
    pause = 1_000;
    const snapshot = JSON.parse(event.data);
    store.snapshot = snapshot;
    store.awaySince = 0;
    remember(snapshot);
    changed();
  });
  source.addEventListener("away", (event) => away(JSON.parse(event.data).detail));
  source.addEventListener("error", failed);
}

function stop() {
  clearTimeout(retry);
  source?.close();
  source = null;
}

export function live() {
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  setInterval(() => {
    if (!document.hidden && !store.frozen) {
      // Ages grow between snapshots.
      changed();
    }
  }, 1_000);
  start();
}

export function freeze(frozen) {
  store.frozen = frozen;
  if (frozen) {
    stop();
  } else {
    start();
  }
  changed();
}

export function restart() {
  stop();
  pause = 1_000;
  start();
}
