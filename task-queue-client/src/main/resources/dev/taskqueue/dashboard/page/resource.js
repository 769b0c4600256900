// What a page has read from the API: loaded when first looked at, again every few seconds while it is looked at.
import { changed, chosenQueues, store } from "./store.js";
import { query, read } from "./api.js";

const FORGOTTEN_AFTER = 3_000;

const resources = new Map();

class Resource {
  data = undefined;
  error = null;
  loading = false;
  #path;
  #parameters;
  #every;
  #lookedAt = 0;
  #loadedAt = 0;

  constructor(path, parameters, every) {
    this.#path = path;
    this.#parameters = parameters;
    this.#every = every;
  }

  look() {
    this.#lookedAt = Date.now();
    if (this.#loadedAt === 0) {
      this.load();
    }
  }

  isForgotten(now) {
    return now - this.#lookedAt > FORGOTTEN_AFTER;
  }

  isDue(now) {
    return this.#every > 0 && !this.loading && now - this.#loadedAt >= this.#every;
  }

  async load() {
    this.loading = true;
    this.#loadedAt = Date.now();
    try {
      this.data = await read(this.#path, this.#parameters);
      this.error = null;
    } catch (e) {
      this.error = e;
      if (e.status === 401) {
        store.signInWanted = true;
      }
    }
    this.loading = false;
    changed();
  }
}

/**
 * What the API answers to a path, as last read.
 * @param every how often to read it again (ms); 0 for once
 */
export function resource(path, parameters = {}, every = 0) {
  const key = path + query(parameters);
  let found = resources.get(key);
  if (!found) {
    found = new Resource(path, parameters, every);
    resources.set(key, found);
  }
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
    one.load();
  }
}

/** Whether rows must stay where they are: the pointer is on one, or some are selected. */
export function isHeld() {
  return document.querySelector("tbody tr:hover, tbody input:checked, tbody :focus-visible") !== null;
}

export function keepFresh() {
  setInterval(() => {
    const now = Date.now();
    for (const [key, one] of resources) {
      if (one.isForgotten(now) && !document.hidden) {
        resources.delete(key);
      } else if (!document.hidden && !store.frozen && !store.signInWanted && one.isDue(now) && !isHeld()) {
        one.load();
      }
    }
  }, 500);
}
