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

// How often it asks again where others wait for large results already, and when it is told to.
const ATTEMPTS = 30;

/** The answer, and up to which event it knows all; nothing for one that does not say. */
async function askKnowing(path, options = {}, attempt = 1) {
  const response = await fetch(path, { headers: { Accept: "application/json" }, ...options });
  const text = await response.text();
  const pause = Number(response.headers.get("Retry-After"));
  if (response.status === 503 && pause > 0 && attempt < ATTEMPTS) {
    await new Promise((go) => setTimeout(go, pause * 1000));
    options.signal?.throwIfAborted();
    return askKnowing(path, options, attempt + 1);
  }
  let value = {};
  try {
    value = text ? parse(text) : {};
  } catch {
    // Something between us and the daemon answered, in its own way.
  }
  if (!response.ok) throw new Problem(response.status, value);
  return { value, number: Number(response.headers.get("Last-Event-ID") ?? 0) };
}

const ask = async (path, options) => (await askKnowing(path, options)).value;

const at = (id) => encodeURIComponent(id);
const query = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "" && value !== undefined && value !== null)).toString();

export const api = {
  status: () => ask("/status"),
  tasks: (filter) => askKnowing(`/tasks?${query(filter)}`),
  task: (id) => askKnowing(`/tasks/${at(id)}`),
  rows: (id, page, signal) => ask(`/result/${at(id)}/rows?${query(page)}`, { signal }),
  chart: (id, signal) => ask(`/result/${at(id)}/chart`, { signal }),
  totals: (question) => ask(`/totals?${query(question)}`),
  command: (id, verb) => ask(`/tasks/${at(id)}/${verb}`, { method: "POST" }),
  result: (id) => `/result/${at(id)}?format=csv`,
  rejects: (id) => `/tasks/${at(id)}/rejects?format=csv`,
};
