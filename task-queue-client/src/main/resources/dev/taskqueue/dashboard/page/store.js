// What all pages share: the latest snapshot, the chosen queue, the role; and the one timer that draws.

let draw = () => {};
let asked = false;

export const store = {
  /** The latest snapshot of the server; null until the first has come. */
  snapshot: null,
  /** Since when no snapshot has come (ms); 0 while they do. */
  awaySince: 0,
  /** Why they do not come. */
  awayReason: "",
  /** Whether the person stopped the refreshing. */
  frozen: false,
  /** The queue looked at; empty for all of them. */
  queue: sessionStorage.getItem("queue") ?? "",
  /** Of all queues, the one that lists show. */
  listed: "",
  /** Who is asking: { role, read_only, token_needed }; null until known. */
  session: null,
  /** Whether a sign-in is wanted before anything else. */
  signInWanted: false,
};

/** Draws the page soon, once for any number of calls. */
export function changed() {
  if (!asked) {
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  }
}

export function onChange(render) {
  draw = render;
}

export function chooseQueue(name) {
  store.queue = name;
  sessionStorage.setItem("queue", name);
  changed();
}

export function wantSignIn() {
  store.signInWanted = true;
  changed();
}

/** The queues of the snapshot that are looked at. */
export function chosenQueues() {
  const all = store.snapshot?.queues ?? [];
  if (all.length > 0 && !all.some((queue) => queue.queue === store.queue)) {
    // One that this dashboard does not serve any more.
    store.queue = "";
  }
  return store.queue === "" ? all : all.filter((queue) => queue.queue === store.queue);
}

/** The queue whose entries are listed where all are looked at: the one chosen last, else the one with the most. */
export function listedQueue(field) {
  const queues = chosenQueues();
  return (
    queues.find((queue) => queue.queue === store.listed) ??
    queues.reduce((most, queue) => ((queue[field] ?? 0) > (most[field] ?? 0) ? queue : most), queues[0])
  )?.queue;
}

const RANKS = ["viewer", "operator", "admin"];

/** Whether the person may do what needs this role; the server decides in any case. */
export function may(role) {
  return store.session !== null && !store.session.read_only && RANKS.indexOf(store.session.role) >= RANKS.indexOf(role);
}
