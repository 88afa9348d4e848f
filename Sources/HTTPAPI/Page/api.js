// The one place that asks the daemon. What goes wrong is an Error whose message is the daemon's own sentence.

export class Problem extends Error {
  constructor(status, details) {
    super(details.detail ?? `The daemon answered ${status}.`);
    this.status = status;
    this.details = details;
  }
}

/** Whole numbers beyond 2^53 stay exact, as BigInt, where the browser shows us how they were written. */
function exact(_, value, context) {
  return typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "") ? BigInt(context.source) : value;
}

export function parse(text) { return JSON.parse(text, exact); }

async function ask(path, options = {}) {
  const response = await fetch(path, { headers: { Accept: "application/json" }, ...options });
  const text = await response.text();
  let value = {};
  try {
    value = text ? parse(text) : {};
  } catch {
    // Something between us and the daemon answered, in its own way.
  }
  if (!response.ok) throw new Problem(response.status, value);
  return value;
}

const at = (id) => encodeURIComponent(id);
const query = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "" && value !== undefined && value !== null)).toString();

export const api = {
  status: () => ask("/status"),
  tasks: (filter) => ask(`/tasks?${query(filter)}`),
  task: (id) => ask(`/tasks/${at(id)}`),
  rows: (id, page, signal) => ask(`/result/${at(id)}/rows?${query(page)}`, { signal }),
  chart: (id, signal) => ask(`/result/${at(id)}/chart`, { signal }),
  totals: (question) => ask(`/totals?${query(question)}`),
  command: (id, verb) => ask(`/tasks/${at(id)}/${verb}`, { method: "POST" }),
  result: (id) => `/result/${at(id)}?format=csv`,
  rejects: (id) => `/tasks/${at(id)}/rejects?format=csv`,
};
