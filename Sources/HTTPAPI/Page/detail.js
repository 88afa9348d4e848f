// One task: how it stands, what can be done, its errors, its result, its story. Without one, all of them together.

import { api } from "/api.js";
import { charts } from "/chart.js";
import { $, h, say } from "/dom.js";
import { bytes, number, plural, span, time } from "/format.js";
import { fraction, icon, STATUSES, writing } from "/list.js";
import { Table } from "/table.js";

const WORDS = {
  queued: "Taken", waiting: "Waits", started: "Begun", requeued: "Back in the queue", ingested: "Read", published: "Published", done: "Done",
  duplicate: "Done: the same bytes came before", failed: "Failed", cancelled: "Cancelled", forgotten: "Forgotten",
  "sent-again": "Sent once more, the same bytes: this is still its task",
};
const SHOWN_REJECTS = 200;

export class Detail {
  #box = $("detail");
  #task;
  #resultOf = "";
  #result;
  #generation = 0;
  /** Up to which event it knows all. */
  #number = -1;

  /** Shows a task by its id; none without. */
  async open(id, { focus = false, isOverview = false } = {}) {
    this.#generation += 1;
    this.id = id;
    this.#task = undefined;
    this.#result = undefined;
    this.#resultOf = "";
    this.#number = -1;
    document.body.classList.toggle("showing", Boolean(id) || isOverview);
    if (!id) {
      this.#drawOverview();
      if (isOverview && focus) this.#box.querySelector("h1").focus();
      return;
    }
    this.#box.replaceChildren(h("p.note", {}, "Loading …"));
    await this.refresh();
    if (focus) this.#box.querySelector("h1")?.focus();
  }

  async refresh() {
    const generation = this.#generation;
    if (!this.id) return;
    try {
      const { value: task, number } = await api.task(this.id);
      // Another task is open by now, or a later answer was faster.
      if (generation !== this.#generation || number < this.#number) return;
      this.#number = number;
      this.#task = task;
      this.#draw();
    } catch (error) {
      if (generation !== this.#generation) return;
      if (!this.#task) this.#box.replaceChildren(this.#back(), h("p.problem", { role: "alert" }, error.message));
    }
  }

  /** The daemon is back, perhaps with another database, whose events are numbered anew. */
  reconnected() {
    this.#number = -1;
    this.refresh();
  }

  /** Whether what is shown is of after an event. */
  knows(number) { return number <= this.#number; }

  /** How far it is, without asking; that it runs at all, and that it does not any more, is told by events. */
  progress(task) {
    if (task.task_id !== this.#task?.task_id || this.#task.status !== "running") return;
    Object.assign(this.#task, task);
    const bar = this.#box.querySelector(".meter");
    if (bar) bar.replaceWith(this.#meter());
    else this.#draw();
  }

  #back() { return h("a.back", { href: "#/" }, "‹ All files"); }

  #draw() {
    const task = this.#task;
    const active = this.#box.contains(document.activeElement) ? document.activeElement : undefined;
    const heading = h("h1", { tabindex: -1, id: "title" }, task.name);
    this.#box.replaceChildren(
      this.#back(),
      h("header.head", {}, h(`span.badge.${task.status}`, {}, icon(task.status), STATUSES[task.status]), heading, this.#actions()),
      ...[this.#meter(), this.#failure(), this.#duplicate(), this.#resultPart(), this.#rejects(), this.#facts(), this.#story()].filter(Boolean));
    // Who is here by keyboard stays where he was, or, where that is gone, at what all of it is about.
    if (active && active !== this.#box) ((active.isConnected ? active : active.id && $(active.id)) || heading).focus({ preventScroll: true });
  }

  #actions() {
    const task = this.#task;
    const has = ["done", "duplicate"].includes(task.status);
    const act = (verb, text, question, style = "") => h(`button.button${style}`, { type: "button", id: `act-${verb}`, onclick: () => this.#command(verb, question) }, text);
    return h("div.actions", {},
      has && h("a.button.primary", { id: "get-result", href: api.result(task.task_id), download: task.result_name ?? "" }, "Download the result"),
      task.rows_rejected > 0 && ["done", "duplicate", "failed"].includes(task.status) && h("a.button", { id: "get-rejects", href: api.rejects(task.task_id), download: "" }, "Download the rejects"),
      ["failed", "cancelled"].includes(task.status) && act("retry", "Try again", undefined, task.status === "failed" ? ".primary" : ""),
      ["queued", "running"].includes(task.status) && act("cancel", "Cancel"),
      task.status === "done" && act("forget", "Forget", `Take the rows of ${task.name} out of all totals? Its result in the outbox stays.`));
  }

  async #command(verb, question) {
    if (question && !confirm(question)) return;
    const buttons = [...this.#box.querySelectorAll(".actions button")];
    if (buttons.some((button) => button.ariaDisabled)) return;
    // Not disabled in truth, for the keyboard would lose its place.
    for (const button of buttons) button.ariaDisabled = "true";
    try {
      this.#task = await api.command(this.id, verb);
      say(`${this.#task.name}: ${STATUSES[this.#task.status]}`);
      this.#draw();
    } catch (error) {
      this.#draw();
      this.#box.querySelector(".head").after(h("p.problem", { role: "alert" }, error.message));
    }
  }

  #meter() {
    const task = this.#task;
    if (task.status !== "running") return null;
    const part = fraction(task);
    const fill = h("i");
    fill.style.width = `${part * 100}%`;
    return h("div.meter", {},
      h("span.progress", { role: "progressbar", "aria-label": "Read", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(part * 100) }, fill),
      h("p.note", {}, writing(task) ?? `${bytes(task.bytes_read)} of ${bytes(task.size_bytes)}, ${plural(task.rows_read, "row")}`));
  }

  #failure() {
    const task = this.#task;
    return task.error ? h("p.problem", {}, task.error) : null;
  }

  #duplicate() {
    const task = this.#task;
    return task.duplicate_of ? h("p.note", {}, "The same bytes as ", h("a", { href: `#/task/${task.duplicate_of}` }, "an earlier file"), ": a result of its own, and no rows counted twice.") : null;
  }

  #facts() {
    const task = this.#task;
    const duration = task.started_at && task.finished_at ? span(task.started_at, task.finished_at) : null;
    const all = [
      ["Size", bytes(task.size_bytes)], ["Rows read", task.finished_at ? number(task.rows_read) : null], ["Rejected", task.finished_at ? number(task.rows_rejected) : null], ["Totals", task.groups === null ? null : number(task.groups)],
      ["Plays", task.plays_sum === null ? null : number(task.plays_sum)], ["Taken", time(task.queued_at)], ["Ended", task.finished_at ? time(task.finished_at) : null], ["Took", duration],
      ["Attempts", task.attempts > 1 ? number(task.attempts) : null], ["Result", task.result_name], ["Task", task.task_id], ["SHA-256", task.sha256],
    ];
    return h("section", {}, h("h2", {}, "Facts"), h("dl.facts", {}, all.filter(([, value]) => value !== null).map(([name, value]) => h(value.length > 30 ? "div.wide" : "div", {}, h("dt", {}, name), h("dd", {}, value)))));
  }

  #story() {
    return h("section", {}, h("h2", {}, "Story"), h("ol.story", {}, this.#task.events.map((event) => h(`li.${event.kind}`, {}, h("b", {}, WORDS[event.kind] ?? event.kind), h("time", { datetime: event.at }, time(event.at)), event.detail && h("p", {}, event.detail)))));
  }

  #rejects() {
    const { rejects, rows_rejected: count } = this.#task;
    if (!rejects.length) return null;
    const rows = rejects.slice(0, SHOWN_REJECTS).map((reject) => h("tr", {}, h("td.plays", {}, number(reject.line)), h("td.plays", {}, number(reject.column)), h("td", {}, reject.reason), h("td.raw", {}, h("code", {}, reject.raw))));
    return h("section", {}, h("h2", {}, plural(count, "rejected record")),
      h("div.tablescroll.rejects", { tabindex: 0, role: "region", "aria-label": "Rejected records" }, h("table", {}, h("thead", {}, h("tr", {}, ["Line", "Column", "What is wrong", "Record"].map((title) => h("th", { scope: "col" }, title)))), h("tbody", {}, rows))),
      count > rows.length ? h("p.note", {}, `The first ${rows.length}; the file of rejects has more.`) : null);
  }

  /** Made once a result, for its table has a state of its own. */
  #resultPart() {
    const task = this.#task;
    if (!["done", "duplicate"].includes(task.status)) return null;
    if (this.#resultOf !== task.result_name + task.finished_at) {
      this.#resultOf = task.result_name + task.finished_at;
      this.#result = resultView(task.task_id);
    }
    return this.#result;
  }

  #drawOverview() {
    const out = h("div");
    const button = h("button.button.primary", { type: "button", onclick: async () => {
      button.disabled = true;
      try {
        const [dates, songs] = await Promise.all([api.totals({ by: "date", limit: 10_000 }), api.totals({ by: "song", limit: 12 })]);
        const named = (key) => (row) => ({ name: row[key], plays: row.plays, name_bytes: row[`${key}_bytes`] });
        out.replaceChildren(charts({ dates: dates.map(named("date")), songs: songs.map(named("song")) }));
        if (!songs.length) out.replaceChildren(h("p.note", {}, "There are no plays yet."));
      } catch (error) {
        out.replaceChildren(h("p.problem", { role: "alert" }, error.message));
      }
      button.disabled = false;
      button.textContent = "Add up again";
    } }, "Add up all files");
    this.#box.replaceChildren(this.#back(), h("div.welcome", {}, h("h1", { tabindex: -1 }, "All files together"),
      h("p.note", {}, "Choose a file in the list for its result, its errors and its story; or see what all done files hold together."), button, out));
  }
}

/** The chart and the table of a result, one of them shown. */
function resultView(id) {
  const chart = h("div.tab", { role: "tabpanel", id: "panel-chart", "aria-labelledby": "tab-chart" }, h("p.note", {}, "Drawing …"));
  const table = h("div.tab", { role: "tabpanel", id: "panel-table", "aria-labelledby": "tab-table", hidden: true });
  const tabs = [["chart", "Chart", chart], ["table", "Table", table]].map(([name, title, panel], index) => h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": panel.id, "aria-selected": String(index === 0), tabindex: index === 0 ? 0 : -1, onclick: () => choose(index) }, title));
  function choose(index) {
    for (const [place, panel] of [chart, table].entries()) {
      panel.hidden = place !== index;
      tabs[place].setAttribute("aria-selected", place === index);
      tabs[place].tabIndex = place === index ? 0 : -1;
    }
    if (index === 1 && !table.firstChild) table.append(new Table(id).element);
    tabs[index].focus();
  }
  const list = h("div.tabs", { role: "tablist", "aria-label": "Result", onkeydown: (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    choose(chart.hidden ? 0 : 1);
  } }, tabs);
  api.chart(id).then((data) => chart.replaceChildren(charts(data)), (error) => chart.replaceChildren(h("p.problem", {}, error.message)));
  return h("section.result", {}, h("h2", {}, "Result"), list, chart, table);
}
