// How numbers and times are written for people.

const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export const number = (value) => (value === null || value === undefined ? "–" : whole.format(value));
export const compact = (value) => short.format(value);

export function bytes(count) {
  let value = Number(count);
  for (const unit of ["B", "KiB", "MiB", "GiB", "TiB"]) {
    if (value < 1024 || unit === "TiB") return `${value < 10 && unit !== "B" ? value.toFixed(1) : Math.round(value)} ${unit}`;
    value /= 1024;
  }
}

/** A text of which the daemon gave the beginning only, and how many bytes the whole has; without that, the text. */
export const beginning = (text, whole) => (whole ? `${text}… (${bytes(whole)} in all)` : text);

export const time = (text) => (text ? moment.format(new Date(text)) : "–");

export function ago(text) {
  const seconds = (new Date(text) - Date.now()) / 1000;
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return "just now";
}

export function span(from, to) {
  const milliseconds = new Date(to) - new Date(from);
  if (milliseconds < 1000) return `${milliseconds} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

export const plural = (count, one, many = one + "s") => `${number(count)} ${Number(count) === 1 ? one : many}`;
