// The snapshots of the server, one a second; none is asked for while the page is hidden or frozen.
import { changed, store, wantSignIn } from "./store.js";
import { read } from "./api.js";

const PERIOD = 1_000;
const LONGEST_PERIOD = 5_000;
const KEPT = 120;

let timer = 0;
let period = PERIOD;

/** For the small charts: the figures of the snapshots of the last two minutes, by queue. */
export const past = new Map();

function remember(snapshot) {
  for (const queue of snapshot.queues) {
    const kept = past.get(queue.queue) ?? [];
    kept.push({ ...queue, at: Date.parse(snapshot.at) });
    if (kept.length > KEPT) {
      kept.shift();
    }
    past.set(queue.queue, kept);
  }
}

function isStopped() {
  return document.hidden || store.frozen || store.signInWanted;
}

async function turn() {
  clearTimeout(timer);
  if (isStopped()) {
    return;
  }
  try {
    const snapshot = await read("live");
    if (!store.frozen) {
      store.snapshot = snapshot;
      remember(snapshot);
    }
    store.session ??= await read("session");
    store.awaySince = 0;
    period = PERIOD;
  } catch (e) {
    if (e.status === 401) {
      wantSignIn();
    } else {
      store.awaySince ||= store.snapshot ? Date.parse(store.snapshot.at) : Date.now();
      store.awayReason = e.message;
      period = Math.min(period * 2, LONGEST_PERIOD);
    }
  }
  changed();
  clearTimeout(timer);
  timer = setTimeout(turn, period);
}

export function live() {
  document.addEventListener("visibilitychange", turn);
  setInterval(() => {
    if (!isStopped()) {
      // Ages grow between snapshots.
      changed();
    }
  }, PERIOD);
  turn();
}

export function freeze(frozen) {
  store.frozen = frozen;
  turn();
  changed();
}

/** Asks at once, as after an action. */
export function restart() {
  period = PERIOD;
  turn();
}
