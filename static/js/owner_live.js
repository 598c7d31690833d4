// The owner's page of a match while it sells: what is left changes by itself, new bookings are said, and the figures
// and lists that the server draws anew take the place of the old ones. It works without this file: load the page again.
import { moneyLike, plural } from "./figures.js";

const page = document.querySelector("[data-live-sale]");
const EVERY_MS = 3000; // a rush of bookings loads the page once, not once each

function say(words) {
  document.querySelector("[data-live-said]").textContent = words;
}

let due = null;
let last = 0;
let running = false;

/* Load the page again in the background, soon, and swap the parts that nobody is busy in. */
function refresh() {
  if (due !== null || running) return;
  due = setTimeout(
    async () => {
      due = null;
      running = true;
      last = Date.now();
      try {
        const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
        if (answer.ok && !answer.redirected) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch {
        // The state beside the clock says that there is no network; the next message or reconnect comes here again.
      } finally {
        running = false;
      }
    },
    Math.max(300, EVERY_MS - (Date.now() - last)),
  );
}

function swap(fresh) {
  for (const old of document.querySelectorAll("[data-live-part]")) {
    const now = fresh.querySelector(`[data-live-part="${old.dataset.livePart}"]`);
    if (now && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(now));
  }
}

if (page && globalThis.CricVerseLive) {
  const event = Number(page.dataset.event);
  globalThis.CricVerseLive.subscribeStadium(Number(page.dataset.stadium), {
    staff: true,
    onOccupancy(told) {
      if (told.event_id !== event) return;
      for (const { id, left } of told.stands) {
        const cell = document.querySelector(`[data-live-left="${id}"]`);
        if (cell) cell.textContent = left ? left.toLocaleString("en") : "none";
      }
      refresh();
    },
    onBooking(told) {
      if (told.event_id !== event) return;
      const seats = `${plural(told.seats, "seat")}, ${moneyLike(page.dataset.money)(told.amount)}`;
      say(told.kind === "refunded" ? `Given back: ${seats}` : `New booking: ${seats}`);
      refresh();
    },
    onReset: refresh,
    onState(told) {
      document.querySelector("[data-live-state]").textContent = ` · ${told.words}`;
    },
  });
}
