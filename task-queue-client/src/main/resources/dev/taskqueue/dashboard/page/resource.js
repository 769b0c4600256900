// What a page has read from the API: loaded when first looked at, again every few seconds while it is looked at.
import { changed, chosenQueues, store, wantSignIn } from "./store.js";
import { query, read } from "./api.js";

/** Drawings of the page: by time it would be forgotten while the page is hidden, or refreshes no more. */
const FORGOTTEN_AFTER = 3;

let drawings = 0;

/** How often to read what does not change, and may be gone after an action. */
export const ONCE = -1;

const resources = new Map();

class Resource {
  data = undefined;
  error = null;
  loading = false;
  #path;
  #parameters;
  every;
  #drawing = 0;
  #loadedAt = 0;
  #turn = 0;

  constructor(path, parameters, every) {
    this.#path = path;
    this.#parameters = parameters;
    this.every = every;
  }

  look() {
    this.#drawing = drawings;
    if (this.#loadedAt === 0) {
      this.load();
    }
  }

  isForgotten() {
    return drawings - this.#drawing > FORGOTTEN_AFTER;
  }

  isDue(now) {
    return this.every > 0 && !this.loading && now - this.#loadedAt >= this.every;
  }

  /**
   * @param quietly whether nobody asked for it: what comes is left while rows must stay where they are
   */
  async load(quietly = false) {
    this.loading = true;
    this.#loadedAt = Date.now();
    const turn = ++this.#turn;
    let data = this.data;
    let error = null;
    try {
      data = await read(this.#path, this.#parameters);
    } catch (e) {
      error = e;
      if (e.status === 401) {
        wantSignIn();
      }
    }
    if (turn !== this.#turn) {
      // Asked again since, as after an action: this answer is older.
      return;
    }
    this.loading = false;
    if (!(quietly && isHeld())) {
      this.data = data;
      this.error = error;
      changed();
    }
  }
}

/**
 * What the API answers to a path, as last read.
 * @param every how often to read it again (ms); 0 for after actions alone, ONCE for never
 */
export function resource(path, parameters = {}, every = 0) {
  const key = path + query(parameters);
  let found = resources.get(key);
  if (!found) {
    found = new Resource(path, parameters, every);
    resources.set(key, found);
  }
  // How often may change with what is known of it, such as a task's state.
  found.every = every;
  found.look();
  return found;
}

/**
 * The same path for each of the queues that are looked at, as the API tells of one queue at a time.
 * @returns { answers: [{ queue, data }], error, loading }: the answers that have come
 */
export function ofEachQueue(path, parameters = {}, every = 0) {
  const all = chosenQueues().map((queue) => [queue.queue, resource(path, { ...parameters, queue: queue.queue }, every)]);
  return {
    answers: all.filter(([, one]) => one.data !== undefined).map(([queue, one]) => ({ queue, data: one.data })),
    error: all.map(([, one]) => one.error).find((error) => error !== null) ?? null,
    data: all.some(([, one]) => one.data !== undefined) || (store.snapshot !== null && all.length === 0) ? true : undefined,
    load: () => all.forEach(([, one]) => one.load()),
  };
}

/** Reads everything that is looked at again at once, as after an action. */
export function reload() {
  for (const one of resources.values()) {
    if (one.every !== ONCE) {
      one.load();
    }
  }
}

/** Whether rows must stay where they are: the pointer is on one, or some are selected. */
export function isHeld() {
  return document.querySelector("tbody tr:hover, tbody input:checked, tbody :focus-visible") !== null;
}

/** To be called before each drawing of the page: what several in a row have not looked at is forgotten. */
export function drawing() {
  drawings++;
}

export function keepFresh() {
  setInterval(() => {
    const now = Date.now();
    for (const [key, one] of resources) {
      if (one.isForgotten()) {
        resources.delete(key);
      } else if (!document.hidden && !store.frozen && !store.signInWanted && one.isDue(now) && !isHeld()) {
        one.load(true);
      }
    }
  }, 500);
}
