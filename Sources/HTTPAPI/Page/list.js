// The list of tasks: only the rows that can be seen are elements, so that ten thousand cost what twenty do.

import { $, h } from "/dom.js";
import { ago, bytes, compact, number, plural } from "/format.js";

const HEIGHT = 64;
const BEYOND = 6;

export const STATUSES = { queued: "Queued", running: "Running", done: "Done", duplicate: "Duplicate", failed: "Failed", cancelled: "Cancelled" };

// Shapes, so that the status is told without its colour.
const SHAPES = {
  queued: "M12 7v5l3 2M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z",
  running: "M12 4a8 8 0 1 1-7.4 5",
  done: "M5 12.5 10 17.5 19.5 7",
  duplicate: "M9 9h10v10H9zM5 15V5h10",
  failed: "M12 8v5m0 3.5v.1M12 3.5 21.5 20h-19z",
  cancelled: "M7 7l10 10M17 7 7 17",
};

export function icon(status) {
  return h(`svg.icon.${status}`, { viewBox: "0 0 24 24", width: 22, height: 22, "aria-hidden": "true" }, h("path", { d: SHAPES[status] }));
}

export const fraction = (task) => (task.size_bytes > 0 ? Math.min(1, Number(task.bytes_read) / Number(task.size_bytes)) : 0);

/** How far the result is of a running task that has read all of its file; nothing before. */
export function writing(task) {
  if (task.phase !== "publishing" && fraction(task) < 1) return undefined;
  return task.phase === "ingesting" && task.groups !== null ? `Writing the result: ${plural(task.groups, "total")}` : "Writing the result";
}

function line(task) {
  switch (task.status) {
    case "failed": return task.error ?? "Failed";
    case "running": return writing(task) ?? `${bytes(task.bytes_read)} of ${bytes(task.size_bytes)}`;
    case "queued": return `${bytes(task.size_bytes)}, waiting`;
    case "cancelled": return `${bytes(task.size_bytes)}, taken back`;
    default: {
      const rejected = task.rows_rejected > 0 ? `, ${number(task.rows_rejected)} rejected` : "";
      return `${plural(task.rows_read, "row")}${rejected} → ${plural(task.groups ?? 0, "total")}`;
    }
  }
}

export class List {
  #box = $("tasks");
  #rows = $("tasks").querySelector(".rows");
  /** The id of the row that the keys move from; the first one where it is not there. */
  #activeID = "";
  #elements = new Map();
  #isScheduled = false;

  constructor(tasks, onOpen) {
    this.tasks = tasks;
    this.onOpen = onOpen;
    this.#box.addEventListener("scroll", () => this.schedule(), { passive: true });
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    this.#rows.addEventListener("click", (event) => {
      const row = event.target.closest("[data-id]");
      if (row) this.#open(row.dataset.id);
    });
    new ResizeObserver(() => this.schedule()).observe(this.#box);
    // For the times, which are relative.
    setInterval(() => this.schedule(), 30_000);
  }

  opened = "";

  /** The order changed; `above` rows came in at the top, and whoever has scrolled down sees what he saw. */
  changed(above) {
    if (above && this.#box.scrollTop > HEIGHT) this.#box.scrollTop += above * HEIGHT;
    this.schedule();
  }

  get #active() { return Math.max(0, this.tasks.order.indexOf(this.#activeID)); }

  schedule() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#draw();
    });
  }

  #draw() {
    const { order } = this.tasks;
    const activeIndex = this.#active;
    this.#rows.style.height = `${order.length * HEIGHT}px`;
    const first = Math.max(0, Math.floor(this.#box.scrollTop / HEIGHT) - BEYOND);
    const last = Math.min(order.length, Math.ceil((this.#box.scrollTop + this.#box.clientHeight) / HEIGHT) + BEYOND);
    const seen = new Set();
    for (let index = first; index < last; index += 1) {
      const task = this.tasks.record(index);
      seen.add(task.task_id);
      this.#drawRow(task, index, index === activeIndex);
    }
    for (const [id, element] of this.#elements) {
      if (seen.has(id)) continue;
      element.remove();
      this.#elements.delete(id);
    }
    const active = order[activeIndex];
    if (active && seen.has(active)) this.#box.setAttribute("aria-activedescendant", `task-${active}`);
    else this.#box.removeAttribute("aria-activedescendant");
    if (last > order.length - 40) this.tasks.more();
  }

  #drawRow(task, index, isActive) {
    let row = this.#elements.get(task.task_id);
    if (!row) {
      row = h("div.row", { id: `task-${task.task_id}`, role: "option", "data-id": task.task_id });
      this.#elements.set(task.task_id, row);
      this.#rows.append(row);
    }
    row.style.transform = `translateY(${index * HEIGHT}px)`;
    row.setAttribute("aria-posinset", index + 1);
    row.setAttribute("aria-setsize", this.tasks.isComplete ? this.tasks.order.length : -1);
    row.setAttribute("aria-selected", task.task_id === this.opened);
    row.classList.toggle("active", isActive);
    const when = ago(task.finished_at ?? task.started_at ?? task.queued_at);
    const shown = `${task.status}|${task.phase}|${task.bytes_read}|${task.rows_read}|${task.groups}|${task.error}|${when}`;
    if (row.dataset.shown === shown) return;
    row.dataset.shown = shown;
    row.replaceChildren(
      icon(task.status),
      h("span.name", { title: task.name }, task.name),
      h(`span.line.${task.status}`, {}, line(task)),
      h("span.side", {}, h("span.hidden", {}, `${STATUSES[task.status]}, `), when),
      h("span.sum", {}, task.plays_sum !== null && task.status !== "failed" ? `${compact(task.plays_sum)} ${Number(task.plays_sum) === 1 ? "play" : "plays"}` : STATUSES[task.status]),
    );
    if (task.status === "running") {
      const bar = h("span.progress", { role: "progressbar", "aria-label": "Read", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(fraction(task) * 100) }, h("i"));
      bar.firstChild.style.width = `${fraction(task) * 100}%`;
      row.append(bar);
    }
  }

  #open(id) {
    this.#activeID = id;
    this.onOpen(id);
  }

  #key(event) {
    const page = Math.max(1, Math.floor(this.#box.clientHeight / HEIGHT) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key === "Enter" || event.key === " ") {
      const id = this.tasks.order[this.#active];
      if (id) this.#open(id);
    } else if (event.key in steps) {
      const index = Math.max(0, Math.min(this.tasks.order.length - 1, this.#active + steps[event.key]));
      this.#activeID = this.tasks.order[index] ?? "";
      const top = index * HEIGHT;
      const { scrollTop, clientHeight } = this.#box;
      if (top < scrollTop) this.#box.scrollTop = top;
      else if (top + HEIGHT > scrollTop + clientHeight) this.#box.scrollTop = top + HEIGHT - clientHeight;
      this.schedule();
    } else {
      return;
    }
    event.preventDefault();
  }
}
