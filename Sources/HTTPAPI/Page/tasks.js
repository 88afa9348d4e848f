// The tasks that the list shows: those that are loaded of the filter, the newest first, kept up to date by events.
//
// Pages and events come by two ways, and either may be late. A page says up to which event it knows all: an event that
// it knows of is passed over, and one that came while the page was on its way is applied once more, on it.

import { api } from "/api.js";

const PAGE = 200;

export class Tasks {
  /** Ids, the newest first: they sort as text by the time they were made. */
  order = [];
  records = new Map();
  filter = { status: "", search: "" };
  isComplete = false;
  #isLoading = false;
  #generation = 0;
  /** Of each page that is loaded: its last id, and the event up to which it knows all. */
  #pages = [];
  /** What came while a page was on its way. */
  #news = [];

  constructor(onChange) { this.onChange = onChange; }

  record(index) { return this.records.get(this.order[index]); }

  async choose(filter) {
    this.filter = { ...this.filter, ...filter };
    await this.reload();
  }

  async reload() {
    this.#generation += 1;
    this.#isLoading = false;
    const loaded = await this.#load(undefined);
    if (!loaded) return;
    this.order = [];
    this.records.clear();
    this.#pages = [];
    this.#append(loaded);
  }

  /** The next page, for who scrolls near the end. */
  async more() {
    if (this.isComplete || this.#isLoading) return;
    const loaded = await this.#load(this.order.at(-1));
    if (loaded) this.#append(loaded);
  }

  async #load(before) {
    const generation = this.#generation;
    this.#isLoading = true;
    this.#news = [];
    try {
      const loaded = await api.tasks({ ...this.filter, before, limit: PAGE });
      return generation === this.#generation ? loaded : undefined;
    } finally {
      if (generation === this.#generation) this.#isLoading = false;
    }
  }

  #append({ value: loaded, number }) {
    for (const task of loaded) {
      if (!this.records.has(task.task_id)) this.order.push(task.task_id);
      this.records.set(task.task_id, task);
    }
    this.isComplete = loaded.length < PAGE;
    this.#pages.push({ last: this.isComplete ? "" : loaded.at(-1).task_id, number });
    const news = this.#news;
    this.#news = [];
    for (const [task, event] of news) this.#apply(task, event);
    this.onChange(0);
  }

  /** An event says that a task is now so. */
  update(task, number) {
    if (this.#isLoading) this.#news.push([task, number]);
    this.#apply(task, number);
  }

  /** How far a running task is. */
  progress(task) {
    if (this.records.get(task.task_id)?.status !== "running" || task.status !== "running") return;
    this.records.set(task.task_id, task);
    this.onChange(0);
  }

  #apply(task, number) {
    const page = this.#pages.find(({ last }) => task.task_id >= last);
    if (page && number <= page.number) return;
    const known = this.records.has(task.task_id);
    if (!this.#fits(task)) {
      if (!known) return;
      this.records.delete(task.task_id);
      this.order.splice(this.order.indexOf(task.task_id), 1);
      return this.onChange(0);
    }
    let inserted = 0;
    if (!known) {
      const place = this.#place(task.task_id);
      // Older than all that are loaded: it comes with its page.
      if (place === this.order.length && !this.isComplete) return;
      this.order.splice(place, 0, task.task_id);
      inserted = place === 0 ? 1 : 0;
    }
    this.records.set(task.task_id, task);
    this.onChange(inserted);
  }

  #fits(task) {
    const { status, search } = this.filter;
    return (!status || task.status === status) && task.name.toLowerCase().includes(search.toLowerCase());
  }

  /** Where an id belongs. */
  #place(id) {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.order[middle] > id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
