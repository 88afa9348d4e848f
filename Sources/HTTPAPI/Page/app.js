// Puts the page together: the list, what is open, the stream of events, and the address bar.

import { api } from "/api.js";
import { Detail } from "/detail.js";
import { $, debounced, gathered, h, say } from "/dom.js";
import { number } from "/format.js";
import { List, STATUSES } from "/list.js";
import { listen } from "/live.js";
import { Tasks } from "/tasks.js";
import { Uploads } from "/upload.js";

const detail = new Detail();
const uploads = new Uploads();
const tasks = new Tasks((above) => {
  list.changed(above);
  drawEmpty();
});
const list = new List(tasks, (id) => {
  location.hash = `#/task/${id}`;
});
let counts = {};

function drawEmpty() {
  const { status, search } = tasks.filter;
  $("empty").hidden = tasks.order.length > 0;
  $("empty").textContent = status || search ? "No task fits." : "Nothing yet: drop a file above, or into the inbox.";
}

function drawCounts() {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const chip = (status, title, count) => h("button.chip", { type: "button", "data-status": status, "aria-pressed": String(tasks.filter.status === status), onclick: () => choose({ status }) }, title, h("span.n", {}, number(count)));
  const focused = document.activeElement?.dataset?.status;
  const shown = Object.entries(STATUSES).filter(([status]) => counts[status] > 0 || tasks.filter.status === status);
  $("statuses").replaceChildren(chip("", "All", all), ...shown.map(([status, title]) => chip(status, title, counts[status] ?? 0)));
  if (focused !== undefined) $("statuses").querySelector(`[data-status="${focused}"]`)?.focus();
}

async function choose(filter) {
  tasks.filter = { ...tasks.filter, ...filter };
  $("tasks").scrollTop = 0;
  drawCounts();
  await attempt(() => tasks.reload());
  say(`${number(tasks.order.length)}${tasks.isComplete ? "" : " or more"} tasks`);
}

/** What fails because nobody answers is said by the state of the connection, and done again when somebody does. */
async function attempt(body) {
  try {
    await body();
  } catch (error) {
    console.warn(error.message);
  }
}

let countsNumber = -1;
const refreshCounts = gathered(150, () => attempt(async () => {
  const status = await api.status();
  // Of two answers that overtook each other, the later one counts.
  if (status.last_event < countsNumber) return;
  countsNumber = status.last_event;
  counts = status.tasks;
  drawCounts();
}));
const refreshDetail = gathered(150, () => detail.refresh());

let state = "";
function setState(next) {
  if (next === state) return;
  const wasGone = state === "gone";
  state = next;
  document.body.dataset.state = next;
  $("link").textContent = next === "live" ? "Live" : "No connection";
  $("gone").hidden = next === "live";
  $("gone").textContent = next === "live" ? "" : "watchd does not answer: it may have been stopped. What you see is how things stood; this page goes on by itself when it is back.";
  if (next === "live") {
    // It may have another database now.
    countsNumber = -1;
    refreshCounts();
    attempt(() => tasks.reload());
    detail.reconnected();
    if (wasGone) say("watchd answers again");
  }
}

function route() {
  const id = /^#\/task\/([0-9a-f-]{36})$/.exec(location.hash)?.[1] ?? "";
  list.opened = id;
  list.schedule();
  const isOverview = location.hash === "#/totals";
  detail.open(id, { isOverview, focus: (Boolean(id) || isOverview) && matchMedia("(max-width: 900px)").matches });
}

$("search").addEventListener("input", debounced(150, (event) => choose({ search: event.target.value })));
addEventListener("hashchange", route);
addEventListener("beforeunload", (event) => {
  if (uploads.isBusy) event.preventDefault();
});
drawCounts();
route();
listen({
  onTask: ({ task }, number) => {
    tasks.update(task, number);
    refreshCounts();
    if (task.task_id === detail.id && !detail.knows(number)) refreshDetail();
  },
  onProgress: (running) => {
    for (const task of running) {
      tasks.progress(task);
      detail.progress(task);
    }
  },
  onState: setState,
});
