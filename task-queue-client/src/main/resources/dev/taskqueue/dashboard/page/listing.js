// A list that is read page by page: its filter, its cursor, the row the keyboard is at, and the rows that are selected.
import { resource } from "./resource.js";

/**
 * Rows with a name each that no other has: of two entries with the same id, which a queue may hold, each is drawn.
 * @returns [[name, row], …]
 */
export function distinct(rows, nameOf = (row) => row.id) {
  const seen = new Map();
  return rows.map((row) => {
    const name = nameOf(row);
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    return [number === 1 ? name : `${name} ${number}`, row];
  });
}

export class Listing {
  /** The name of the row that the keyboard is at: it stays at that row when others come. */
  current = "";
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

  /** To the next row, or the one before, of these names. */
  move(step, names) {
    const at = names.indexOf(this.current);
    this.current = names[at < 0 ? 0 : Math.max(0, Math.min(names.length - 1, at + step))];
  }

  #forgetRows() {
    this.current = "";
    this.selected = new Set();
  }
}
