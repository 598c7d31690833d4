// The supervisor's page follows the gates: a hint that people came in, or ten seconds without one, and the server draws
// the parts anew. It works without this file: load the page again.
const page = document.querySelector("[data-gates]");
const EVERY_MS = 2_000;
const ANYWAY_MS = 10_000;

let due = null;
let last = 0;
let running = false;

function refresh() {
  if (due !== null || running || document.hidden) return;
  due = setTimeout(
    async () => {
      due = null;
      running = true;
      last = Date.now();
      try {
        const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
        if (answer.ok && !answer.redirected) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch {
        // The next turn tries again; the time beside the heading says how old this is.
      } finally {
        running = false;
      }
    },
    Math.max(100, EVERY_MS - (Date.now() - last)),
  );
}

// A part in which somebody is busy, a note half written or a table unfolded, stays as it is.
function swap(fresh) {
  for (const old of document.querySelectorAll("[data-live-part]")) {
    const now = fresh.querySelector(`[data-live-part="${old.dataset.livePart}"]`);
    const busy =
      old.contains(document.activeElement) ||
      [...old.querySelectorAll("input")].some((input) => input.value) ||
      old.querySelector("details[open]");
    if (now && !busy) old.replaceWith(document.adoptNode(now));
  }
}

if (page) {
  const event = Number(page.dataset.event);
  globalThis.CricVerseLive?.subscribeStadium(Number(page.dataset.gates), {
    gates: true,
    onOccupancy(told) {
      if (told.event_id === event && told.gates) refresh();
    },
    onReset: refresh,
  });
  setInterval(refresh, ANYWAY_MS);
  document.addEventListener("visibilitychange", refresh);
}
