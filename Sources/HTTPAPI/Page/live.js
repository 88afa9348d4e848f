// The stream of what happens, and whether there is anybody at the other end of it.

import { parse } from "/api.js";

// The daemon sends something at least every 15 seconds.
const SILENCE = 40_000;

/** Calls `onTask`, `onProgress` and `onState` ("live" or "gone") until the page goes. */
export function listen({ onTask, onProgress, onState }) {
  let source;
  let last;
  let watchdog;
  let attempts = 0;

  function open() {
    source = new EventSource(last === undefined ? "/events" : `/events?after=${last}`);
    source.onopen = () => {
      attempts = 0;
      heard();
      onState("live");
    };
    source.addEventListener("task", (event) => {
      last = Number(event.lastEventId);
      heard();
      onTask(parse(event.data), last);
    });
    source.addEventListener("progress", (event) => {
      heard();
      onProgress(parse(event.data));
    });
    source.addEventListener("alive", heard);
    source.onerror = again;
  }

  // The browser would try again too, but not after every kind of end, and not sooner where the network comes back.
  function again() {
    source.close();
    clearTimeout(watchdog);
    onState("gone");
    watchdog = setTimeout(open, Math.min(5000, 500 * 2 ** attempts));
    attempts += 1;
  }

  function heard() {
    clearTimeout(watchdog);
    watchdog = setTimeout(again, SILENCE);
  }

  addEventListener("online", () => {
    if (source.readyState !== EventSource.OPEN) again();
  });
  open();
}
