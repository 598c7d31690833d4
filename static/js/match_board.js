// Keeps the match centre and the big screen on the newest ball: fetches the view once, then merges the patch of every
// live message into it and binds it. The charts come from the server as they stand there, once an over while they are
// in sight.

import { fill, get } from "./bind.js";
import { linesOf } from "./match_lines.js";
import { merge } from "./patch.js";

const OVERS_SHOWN = 4;
const SPREAD_MS = 15000; // the pages of a crowd ask for the charts of an over within so long

const page = document.querySelector("[data-match]");
const charts = page.querySelector("[data-charts]");
const id = Number(page.dataset.match);
const options = { icons: page.dataset.icons, still: true };
const asked = new URLSearchParams(location.search);
const shown = { show: asked.get("show") ?? "all", overs: asked.get("overs") === "all" ? 0 : OVERS_SHOWN };
let view = null;
let seq = 0;
let due = null;
let dueCharts = null;
let inSight = false;

/* Draw once for many messages: after a gap they come by the hundred. */
function draw() {
  due ??= requestAnimationFrame(() => {
    due = null;
    const inn = view.cards[view.at];
    const [comm, more] = linesOf(view, shown.show, shown.overs);
    fill(page, { view, inn, comm, more, none: sentence(inn) }, options);
    options.still = false;
    document.title = `${inn ? `${get(inn, "{short} {score} ({bowled})")}, ` : ""}${page.dataset.name} · CricVerse`;
    drawCharts(Math.random() * SPREAD_MS);
  });
}

/* What stands where no ball is told. */
function sentence(inn) {
  return page.querySelector(inn ? `[data-filter="${CSS.escape(shown.show)}"]` : "[data-none]")?.dataset.none ?? "";
}

function drawCharts(pause) {
  if (!charts || !inSight || !view || dueCharts || view.charts === charts.dataset.charts) return;
  dueCharts = setTimeout(async () => {
    const number = view.charts;
    try {
      const answer = await fetch(`/matches/${id}/charts?seq=${seq}`);
      if (answer.ok) hangCharts(await answer.text(), number);
    } catch {
      // They stay as they are; the next ball asks again.
    }
    dueCharts = null;
  }, pause);
}

function hangCharts(html, number) {
  const open = [...charts.querySelectorAll("details[open]")].map((each) => each.closest("[data-chart]").dataset.chart);
  const chosen = [...charts.querySelectorAll(".chart-choice input:checked")];
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  for (const name of open) fresh.content.querySelector(`[data-chart="${name}"] details`)?.setAttribute("open", "");
  for (const { name, value } of chosen)
    fresh.content.querySelector(`input[name="${name}"][value="${value}"]`)?.setAttribute("checked", "");
  charts.replaceChildren(fresh.content);
  charts.dataset.charts = number;
}

if (charts) {
  const sight = ([entry]) => {
    inSight = entry.isIntersecting;
    drawCharts(0);
  };
  new IntersectionObserver(sight, { rootMargin: "50% 0px" }).observe(charts);
}

function take(fresh) {
  ({ view, seq } = fresh);
  draw();
}

function follow() {
  globalThis.CricVerseLive?.subscribeMatch(id, {
    seq,
    onPatch(message) {
      if (!view) throw new Error("There is no view yet.");
      merge(view, message.patch);
      seq = message.seq;
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
  if (!view || event.ctrlKey || event.metaKey || event.shiftKey || !(filter || more)) return;
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
  try {
    const answer = await fetch(`/api/matches/${id}/view`, { headers: { Accept: "application/json" } });
    if (answer.ok) take(await answer.json());
  } catch {
    // The page stands as it was drawn; the live connection fetches the view when it can.
  }
  follow();
}

begin();
