// Files on their way in: three at a time, each told how far it is, and sent again by itself where the connection breaks.

import { $, h, say } from "/dom.js";
import { bytes, number, plural } from "/format.js";
import { parse } from "/api.js";

const AT_ONCE = 3;
const ATTEMPTS = 10;

// A name for the upload: sent again with it, it does not become a second task.
function key() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

class Upload {
  state = "waiting";
  sent = 0;
  #key = key();
  #attempt = 0;
  #request;

  constructor(file, onChange) {
    this.file = file;
    this.onChange = onChange;
    this.fill = h("i");
    this.bar = h("span.progress", { role: "progressbar", "aria-label": file.name, "aria-valuemin": 0, "aria-valuemax": 100 }, this.fill);
    this.text = h("span.line");
    this.button = h("button.quiet", { type: "button", "aria-label": `Stop ${file.name}`, onclick: () => this.stop() }, "✕");
    this.element = h("div.upload", {}, h("span.name", { title: file.name }, file.name), this.text, this.bar, this.button);
    this.draw();
  }

  get isOnTheWay() { return ["waiting", "sending", "broken"].includes(this.state); }

  start() {
    this.state = "sending";
    this.#attempt += 1;
    const request = new XMLHttpRequest();
    this.#request = request;
    request.upload.onprogress = (event) => {
      this.sent = event.loaded;
      this.draw();
    };
    request.onload = () => this.#answered(request.status, request.responseText);
    request.onerror = () => this.#broken();
    request.open("PUT", `/inbox/${encodeURIComponent(this.file.name)}`);
    request.setRequestHeader("Idempotency-Key", this.#key);
    request.send(this.file);
    this.draw();
  }

  #answered(status, text) {
    let answer = {};
    try {
      answer = parse(text);
    } catch {
      // Something between us and the daemon answered, in its own way.
    }
    // It is being stopped, or a proxy finds nobody.
    if ([502, 503, 504].includes(status)) return this.#broken();
    if (status === 202) {
      this.isKnown = answer.tasks?.some((task) => task.known);
      this.#end("done", answer.task_id);
    } else this.#end("failed", undefined, answer.detail ?? `The daemon answered ${status}.`);
  }

  #broken() {
    if (this.#attempt >= ATTEMPTS) return this.#end("failed", undefined, "The connection broke, again and again. Drop the file once more when the daemon is there.");
    this.state = "broken";
    this.draw();
    setTimeout(() => this.state === "broken" && this.start(), Math.min(10_000, 1000 * this.#attempt));
  }

  stop() {
    if (this.isOnTheWay) {
      this.#request?.abort();
      this.#end("stopped");
    } else {
      this.state = "gone";
      this.onChange(this);
    }
  }

  #end(state, task, sentence) {
    this.state = state;
    this.task = task;
    this.sentence = sentence;
    this.draw();
    this.onChange(this);
  }

  draw() {
    const { size } = this.file;
    const part = size ? this.sent / size : 0;
    this.element.className = `upload ${this.state}`;
    this.fill.style.width = `${(this.state === "done" ? 1 : part) * 100}%`;
    this.bar.setAttribute("aria-valuenow", Math.round(part * 100));
    this.button.setAttribute("aria-label", `${this.isOnTheWay ? "Stop" : "Remove from this list:"} ${this.file.name}`);
    const texts = {
      waiting: `${bytes(size)}, waits for its turn`, sending: part < 1 ? `${bytes(this.sent)} of ${bytes(size)}` : "All sent; being made safe on the disk", broken: "The connection broke; it is sent again by itself",
      stopped: "Stopped; nothing of it is left", failed: this.sentence,
    };
    this.text.replaceChildren(this.task ? h("a", { href: `#/task/${this.task}` }, this.isKnown ? "It came before: see what became of it" : "Taken: see what becomes of it") : texts[this.state] ?? "");
  }
}

export class Uploads {
  #all = [];
  #panel = $("uploads");
  #title = h("h2");
  #body = h("div.uploadlist");
  #clear = h("button.quiet", { type: "button", onclick: () => this.#removeEnded() }, "Clear the list");

  constructor() {
    this.#panel.append(h("div.uploadhead", {}, this.#title, this.#clear), this.#body);
    $("choose").addEventListener("change", (event) => {
      this.add(event.target.files);
      event.target.value = "";
    });
    this.#acceptDrops();
  }

  #acceptDrops() {
    let depth = 0;
    const show = (isOver) => document.body.classList.toggle("dragging", isOver);
    addEventListener("dragenter", (event) => {
      event.preventDefault();
      depth += 1;
      show(true);
    });
    addEventListener("dragleave", () => {
      depth -= 1;
      if (depth <= 0) show(false);
    });
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      show(false);
      this.add(event.dataTransfer.files);
    });
  }

  add(files) {
    const added = [...files].map((file) => new Upload(file, () => this.#turn()));
    this.#all.push(...added);
    this.#body.append(...added.map((upload) => upload.element));
    if (added.length) say(`${plural(added.length, "file")} on the way`);
    this.#turn();
  }

  #turn() {
    for (const upload of this.#all.filter((one) => one.state === "gone")) upload.element.remove();
    this.#all = this.#all.filter((one) => one.state !== "gone");
    const active = this.#all.filter((one) => ["sending", "broken"].includes(one.state));
    for (const upload of this.#all.filter((one) => one.state === "waiting").slice(0, AT_ONCE - active.length)) upload.start();
    const left = this.#all.filter((one) => one.isOnTheWay).length;
    const count = (state) => this.#all.filter((one) => one.state === state).length;
    const parts = [[left, "on the way"], [count("done"), "taken"], [count("failed"), "not taken"], [count("stopped"), "stopped"]];
    this.#title.textContent = parts.filter(([size]) => size).map(([size, words], index) => `${index ? number(size) : plural(size, "file")} ${words}`).join(", ");
    this.#clear.hidden = left === this.#all.length;
    this.#panel.hidden = this.#all.length === 0;
    if (!left && this.#all.length) say(this.#title.textContent);
  }

  #removeEnded() {
    for (const upload of this.#all) {
      if (!upload.isOnTheWay) upload.state = "gone";
    }
    this.#turn();
  }

  get isBusy() { return this.#all.some((one) => one.isOnTheWay); }
}
