// A list that is read page by page: its filter, its cursor, the row the keyboard is at, and the rows that are selected.
import { resource } from "./resource.js";

export class Listing {
  current = -1;
  selected = new Set();
  #path;
  #every;
  #cursors = [""];
  #filter = "";

  constructor(path, every) {
    this.#path = path;
    this.#every = every;
  }

  /** What the API answers for this filter; another filter begins at its first page. */
  read(filter) {
    const key = JSON.stringify(filter);
    if (key !== this.#filter) {
      this.#filter = key;
      this.toFirst();
    }
    return resource(this.#path, { ...filter, cursor: this.#cursors.at(-1) }, this.#every);
  }

  get isFirst() {
    return this.#cursors.length === 1;
  }

  toFirst() {
    this.#cursors = [""];
    this.#forgetRows();
  }

  toNext(cursor) {
    this.#cursors.push(cursor);
    this.#forgetRows();
  }

  toggle(id) {
    if (!this.selected.delete(id)) {
      this.selected.add(id);
    }
  }

  /** All on the page, or none if all are selected already. */
  toggleAll(ids) {
    const all = ids.length > 0 && ids.every((id) => this.selected.has(id));
    this.selected = new Set(all ? [] : ids);
  }

  move(step, length) {
    this.current = Math.max(0, Math.min(length - 1, this.current + step));
  }

  #forgetRows() {
    this.current = -1;
    this.selected = new Set();
  }
}
