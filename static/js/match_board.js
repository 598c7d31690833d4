// Keeps the match centre and the big screen on the newest ball: fetches the board once, then applies the patch of every
// live message.

import { fill } from "./bind.js";
import { view, OVERS_SHOWN } from "./match_view.js";
import { applyPatch } from "./patch.js";

const page = document.querySelector("[data-match]");
const id = Number(page.dataset.match);
const options = { icons: page.dataset.icons, still: true };
const asked = new URLSearchParams(location.search);
const shown = { show: asked.get("show") ?? "all", overs: asked.get("overs") === "all" ? 0 : OVERS_SHOWN };
let board = null;
let due = null;

/* Draw once for many messages: after a gap they come by the hundred. */
function draw() {
  due ??= requestAnimationFrame(() => {
    due = null;
    if (!board) return;
    const now = view(board, shown.show, shown.overs);
    fill(page, { board, view: now }, options);
    options.still = false;
    document.title = `${now.title ? `${now.title}, ` : ""}${page.dataset.name} · CricVerse`;
    page.dispatchEvent(new CustomEvent("board", { detail: board }));
  });
}

function take(fresh) {
  if (!fresh.board) return;
  board = fresh.board;
  draw();
}

function follow(seq) {
  globalThis.CricVerseLive?.subscribeMatch(id, {
    seq,
    onPatch(message) {
      if (!board) throw new Error("There is no board yet.");
      applyPatch(board, message.patch);
      draw();
    },
    onReset: take,
    onState: link,
    onWatching(count) {
      const place = page.querySelector("[data-watching]");
      if (!place) return;
      place.hidden = count < 2;
      place.querySelector("span").textContent = `${count.toLocaleString("en")} watching`;
    },
  });
}

/* Says how fresh the score is; while it is live the badge of the match is enough. */
function link({ state, words }) {
  const place = page.querySelector("[data-link]");
  if (!place) return;
  place.hidden = state === "live";
  place.textContent = words;
  page.dataset.fresh = state === "live" ? "yes" : state === "reconnecting" ? "soon" : "no";
}

// Filters and "Earlier balls" are links that work without this script; with it they cost no page.
page.addEventListener("click", (event) => {
  const filter = event.target.closest("[data-filter]");
  const more = event.target.closest("[data-more]");
  if (!board || event.ctrlKey || event.metaKey || event.shiftKey || !(filter || more)) return;
  event.preventDefault();
  if (more) shown.overs += OVERS_SHOWN * 2;
  else {
    shown.show = filter.dataset.filter;
    for (const each of page.querySelectorAll("[data-filter]")) {
      if (each === filter) each.setAttribute("aria-current", "true");
      else each.removeAttribute("aria-current");
    }
    history.replaceState(null, "", `?show=${shown.show}${location.hash}`);
  }
  draw();
});

async function begin() {
  let seq = 0;
  try {
    const answer = await fetch(`/api/matches/${id}`, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const fresh = await answer.json();
      seq = fresh.seq;
      take(fresh);
    }
  } catch {
    // The page stands as it was drawn; the live connection fetches the board when it can.
  }
  follow(seq);
}

begin();
