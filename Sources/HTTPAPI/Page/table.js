// A result as a table. It is sorted, searched and cut into pages by the daemon, so a million rows are fifty here.

import { api } from "/api.js";
import { debounced, h, say } from "/dom.js";
import { beginning, number } from "/format.js";

const SIZE = 50;
const COLUMNS = [["song", "Song"], ["date", "Date"], ["plays", "Plays"]];

export class Table {
  #page = { sort: "song", order: "asc", offset: 0, search: "", limit: SIZE };
  #total = 0;
  #asking;
  #body = h("tbody");
  #count = h("span.count", { role: "status" });
  #note = h("p.problem", { hidden: true, role: "alert" });
  #heads = new Map();
  #steps = {};

  constructor(id) {
    this.id = id;
    const heads = COLUMNS.map(([column, title]) => {
      const button = h("button.sort", { type: "button", onclick: () => this.#sort(column) }, title, h("span.arrow", { "aria-hidden": "true" }));
      const head = h(`th.${column}`, { scope: "col" }, button);
      this.#heads.set(column, head);
      return head;
    });
    const search = h("input", { type: "search", placeholder: "Search for a song", "aria-label": "Search for a song", spellcheck: "false", oninput: debounced(200, (event) => this.#show({ search: event.target.value, offset: 0 })) });
    const step = (label, text, offset) => {
      this.#steps[text] = h("button.quiet", { type: "button", "aria-label": label, onclick: () => this.#show({ offset: offset() }) }, text);
      return this.#steps[text];
    };
    this.element = h("div.tablebox", {},
      h("div.tabletools", {}, search, this.#count),
      this.#note,
      h("div.tablescroll", { tabindex: 0, role: "region", "aria-label": "Rows of the result" }, h("table", {}, h("thead", {}, h("tr", {}, heads)), this.#body)),
      h("nav.pager", { "aria-label": "Pages" },
        step("First page", "«", () => 0), step("Page before", "‹", () => Math.max(0, this.#page.offset - SIZE)),
        step("Next page", "›", () => this.#page.offset + SIZE), step("Last page", "»", () => Math.floor((this.#total - 1) / SIZE) * SIZE)));
    this.#show({});
  }

  #sort(column) {
    const isSame = this.#page.sort === column;
    const order = isSame ? (this.#page.order === "asc" ? "desc" : "asc") : column === "plays" ? "desc" : "asc";
    this.#show({ sort: column, order, offset: 0 });
  }

  async #show(change) {
    const page = { ...this.#page, ...change };
    this.#asking?.abort();
    this.#asking = new AbortController();
    this.element.classList.add("busy");
    try {
      const answer = await api.rows(this.id, page, this.#asking.signal);
      this.#page = page;
      this.#total = answer.total;
      this.#note.hidden = true;
      this.#draw(answer.rows);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#note.textContent = error.message;
      this.#note.hidden = false;
    }
    this.element.classList.remove("busy");
  }

  #draw(rows) {
    const { offset, sort, order } = this.#page;
    for (const [column, head] of this.#heads) {
      if (column === sort) head.setAttribute("aria-sort", order === "asc" ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
    this.#body.replaceChildren(...rows.map((row) => h("tr", {}, h("td", {}, beginning(row.song, row.song_bytes)), h(row.date.length > 24 ? "td.long" : "td", {}, beginning(row.date, row.date_bytes)), h("td.plays", {}, number(row.plays)))));
    if (!rows.length) this.#body.append(h("tr", {}, h("td", { colspan: 3 }, "No row fits.")));
    this.#count.textContent = rows.length ? `${number(offset + 1)} to ${number(offset + rows.length)} of ${number(this.#total)}` : "None";
    const isFirst = offset === 0;
    const isLast = offset + SIZE >= this.#total;
    for (const text of ["«", "‹"]) this.#steps[text].disabled = isFirst;
    for (const text of ["›", "»"]) this.#steps[text].disabled = isLast;
    say(this.#count.textContent);
  }
}
