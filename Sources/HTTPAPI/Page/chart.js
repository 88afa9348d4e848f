// Plays by date as a line that can be walked along, and the songs with the most plays as bars.

import { h } from "/dom.js";
import { beginning, compact, number, plural } from "/format.js";

const WIDE = 720;
const NARROW = 380;
const HEIGHT = 240;
const LEFT = 52;
const BOTTOM = 26;
const TOP = 12;
// More points than that are not to be told from each other.
const MOST = 366;

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const month = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });

/** The days since 1970 of a date as 2024-01-31 or 20240131; undefined for anything else. */
function dayNumber(text) {
  const parts = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text);
  if (!parts) return undefined;
  const time = Date.UTC(parts[1], parts[2] - 1, parts[3]);
  return new Date(time).getUTCDate() === Number(parts[3]) ? time / 86_400_000 : undefined;
}

/** Points with a place along the axis; days where all are days, else one after the other. */
function points(sums) {
  const days = sums.map((sum) => dayNumber(sum.name));
  const areDays = days.every((value) => value !== undefined);
  const all = sums.map((sum, index) => ({ x: areDays ? days[index] : index, y: Number(sum.plays), first: sum.name, last: sum.name }));
  if (all.length <= MOST) return { areDays, points: all };
  const size = Math.ceil(all.length / MOST);
  const grouped = [];
  for (let index = 0; index < all.length; index += size) {
    const group = all.slice(index, index + size);
    grouped.push({ x: group[0].x, y: group.reduce((sum, point) => sum + point.y, 0), first: group[0].first, last: group.at(-1).last });
  }
  return { areDays, points: grouped };
}

/** Round numbers from 0 (or below it) to the largest. */
function ticks(low, high) {
  const span = Math.max(1, high - low);
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((size) => span / size <= 5));
  const all = [];
  for (let value = Math.floor(low / step) * step; value < high + step; value += step) all.push(value);
  return all;
}

function name(point, areDays) {
  const shown = (text) => (areDays ? day.format(dayNumber(text) * 86_400_000) : text);
  return point.first === point.last ? shown(point.first) : `${shown(point.first)} to ${shown(point.last)}`;
}

/** Drawn anew where there is another width for it, for the letters keep their size. */
function dateChart(sums) {
  const figure = h("figure.chart");
  let drawn;
  new ResizeObserver(() => {
    const width = figure.clientWidth < 520 ? NARROW : WIDE;
    if (width === drawn) return;
    drawn = width;
    figure.replaceChildren(h("figcaption", {}, "Plays by date"), ...datePlot(sums, width));
  }).observe(figure);
  return figure;
}

function datePlot(sums, width) {
  const data = points(sums);
  const all = data.points;
  const marks = ticks(Math.min(0, ...all.map((point) => point.y)), Math.max(1, ...all.map((point) => point.y)));
  const [low, high] = [marks[0], marks.at(-1)];
  const [start, end] = [all[0].x, all.at(-1).x];
  const x = (value) => LEFT + (end === start ? 0.5 : (value - start) / (end - start)) * (width - LEFT - 12);
  const y = (value) => TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const path = all.map((point, index) => `${index ? "L" : "M"}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join("");
  const base = y(Math.max(0, low));
  const most = all.reduce((best, point) => (point.y > best.y ? point : best));
  const summary = `Plays by date, ${name(all[0], data.areDays)} to ${name(all.at(-1), data.areDays)}. The most: ${number(most.y)}, ${name(most, data.areDays)}.`;

  const cursor = h("g.cursor", { visibility: "hidden" }, h("line", { y1: TOP, y2: HEIGHT - BOTTOM }), h("circle", { r: 4.5 }));
  const svg = h("svg.plot", { viewBox: `0 0 ${width} ${HEIGHT}`, tabindex: 0, role: "slider", "aria-label": `${summary} Arrow keys go along the dates.`, "aria-valuemin": 1, "aria-valuemax": all.length, "aria-valuenow": 1 });
  for (const mark of marks) {
    svg.append(h("line.grid", { x1: LEFT, x2: width - 12, y1: y(mark), y2: y(mark) }), h("text.tick", { x: LEFT - 8, y: y(mark) + 4, "text-anchor": "end" }, compact(mark)));
  }
  const count = width === WIDE ? 6 : 3;
  for (const label of data.areDays ? dateLabels(start, end, count) : otherLabels(all, count)) {
    const place = x(label.x);
    const anchor = place < LEFT + 45 ? "start" : place > width - 57 ? "end" : "middle";
    svg.append(h("text.tick", { x: place, y: HEIGHT - 6, "text-anchor": anchor }, label.text));
  }
  if (all.length > 1) svg.append(h("path.area", { d: `${path}L${x(end).toFixed(1)} ${base}L${x(start).toFixed(1)} ${base}Z` }), h("path.curve", { d: path }));
  if (all.length <= 40) svg.append(...all.map((point) => h("circle.dot", { cx: x(point.x), cy: y(point.y), r: all.length > 1 ? 2.5 : 5 })));
  svg.append(cursor);

  const readout = h("p.readout", {}, summary);
  let at = 0;
  function show(index) {
    at = Math.max(0, Math.min(all.length - 1, index));
    const point = all[at];
    cursor.setAttribute("visibility", "visible");
    const [line, circle] = cursor.children;
    for (const key of ["x1", "x2"]) line.setAttribute(key, x(point.x));
    circle.setAttribute("cx", x(point.x));
    circle.setAttribute("cy", y(point.y));
    const text = `${name(point, data.areDays)}: ${plural(point.y, "play")}`;
    svg.setAttribute("aria-valuenow", at + 1);
    svg.setAttribute("aria-valuetext", text);
    readout.textContent = text;
  }
  function hide() {
    cursor.setAttribute("visibility", "hidden");
    readout.textContent = summary;
  }
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * width;
    let nearest = 0;
    for (let index = 1; index < all.length; index += 1) {
      if (Math.abs(x(all[index].x) - place) < Math.abs(x(all[nearest].x) - place)) nearest = index;
    }
    show(nearest);
  });
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("focus", () => svg.matches(":focus-visible") && show(at));
  svg.addEventListener("blur", hide);
  svg.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1, Home: 0, End: all.length - 1, PageUp: at + 10, PageDown: at - 10 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    show(steps[event.key]);
  });
  return [svg, readout];
}

/** First days of months, or days, at even distances. */
function dateLabels(start, end, count) {
  const labels = [];
  if (end - start > 92) {
    const first = new Date(start * 86_400_000);
    const months = (end - start) / 30;
    const step = [1, 2, 3, 4, 6, 12, 24, 60, 120, 240, 600, 1200].find((size) => months / size <= count) ?? 12_000;
    for (let at = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth() + (first.getUTCDate() > 1 ? 1 : 0)) / step) * step; ; at += step) {
      const place = Date.UTC(Math.floor(at / 12), at % 12) / 86_400_000;
      if (place > end) return labels;
      labels.push({ x: place, text: month.format(place * 86_400_000) });
    }
  }
  const step = Math.max(1, Math.ceil((end - start) / (count - 1)));
  for (let place = start; place <= end; place += step) labels.push({ x: place, text: day.format(place * 86_400_000) });
  return labels;
}

/** Of what are no dates: the first of each part. */
function otherLabels(all, count) {
  const step = Math.max(1, Math.ceil(all.length / count));
  return all.filter((_, index) => index % step === 0).map((point) => ({ x: point.x, text: point.first.slice(0, 14) }));
}

function songChart(songs, count, isAll) {
  const shown = songs.slice(0, 12);
  const most = Math.max(1, ...shown.map((song) => Math.abs(Number(song.plays))));
  const rows = shown.map((song) => {
    const bar = h("i.bar");
    bar.style.width = `${(Math.max(0, Number(song.plays)) / most) * 100}%`;
    return h("li", {}, h("span.song", { title: beginning(song.name, song.name_bytes) }, song.name || "(no title)"), h("span.track", { "aria-hidden": "true" }, bar), h("span.plays", {}, number(song.plays)));
  });
  const title = isAll || count > shown.length ? `Top songs${count ? `, of ${number(count)}` : ""}` : "Songs";
  return h("figure.chart", {}, h("figcaption", {}, title), h("ol.songs", {}, rows));
}

/** Both charts of `{dates, songs, song_count}`. */
export function charts(data) {
  const all = [];
  if (data.dates?.length) all.push(dateChart(data.dates));
  else if (!data.dates) all.push(h("p.note", {}, "There are too many different dates, or too long ones, to draw them."));
  if (data.songs.length) all.push(songChart(data.songs, data.song_count));
  if (!data.songs.length) return h("p.note", {}, "There is nothing to draw: the file has a header and no rows.");
  return h("div.charts", {}, all);
}
