// The clock of a hold, in step with the server: the page brings the server's time, and only the difference runs here.
// Markup: [data-hold] with data-booking, data-expires, data-now (ms), data-span (s), data-home; see
// templates/bookings/_hold.html.
import { shown, share, spoken } from "./clock.js";
import { watchHold } from "./hold_watch.js";

const loaded = performance.now();
const skews = new WeakMap();

function skewOf(hold) {
  // Server time = performance.now() + skew. It is fixed when a hold is first seen, and set anew by every answer.
  if (!skews.has(hold)) {
    const since = hold.dataset.swapped ? Number(hold.dataset.swapped) : loaded;
    skews.set(hold, Number(hold.dataset.now) - since);
  }
  return skews.get(hold);
}

function tick() {
  for (const hold of document.querySelectorAll("[data-hold]")) {
    const left = (Number(hold.dataset.expires) - (performance.now() + skewOf(hold))) / 1000;
    for (const node of document.querySelectorAll("[data-clock]")) node.textContent = shown(left);
    for (const box of document.querySelectorAll("[data-clock-box]")) box.hidden = false;
    hold.querySelector("[data-seam]")?.setAttribute("x", share(left, Number(hold.dataset.span)));
    const words = spoken(left, hold.dataset.told);
    if (words) {
      hold.dataset.told = words.mark;
      hold.querySelector("[data-hold-said]").textContent = words.text;
    }
    // Half a second late, so that the server agrees that it is over. The page is fetched, never a form sent again.
    // While a bank is asked, the pay page stays: it says itself what comes of it.
    if (left < -0.5 && !hold.dataset.over && !document.documentElement.hasAttribute("data-paying")) {
      hold.dataset.over = "yes";
      location.replace(hold.dataset.home);
    }
  }
}

async function extend(form) {
  const hold = form.closest("[data-hold]");
  const token = form.querySelector("[name=csrf_token]").value;
  const answer = await fetch(`/api/holds/${hold.dataset.booking}/extend`, {
    method: "POST",
    headers: { "X-CSRF-Token": token, Accept: "application/json" },
  });
  if (!answer.ok) throw new Error(`extend answered ${answer.status}`);
  const until = await answer.json();
  skews.set(hold, Date.parse(until.server_time) - performance.now());
  hold.dataset.expires = Date.parse(until.expires_at);
  delete hold.dataset.told;
  const place = hold.querySelector("[data-until]");
  const zone = place.textContent.replace(/^[\d:]+/, "");
  place.textContent = localTime(until.expires_at, hold.dataset.zone) + zone;
  hold.querySelector("[data-hold-said]").textContent = "Your hold is longer now.";
  form.hidden = !until.can_extend;
  tick();
}

function localTime(moment, zone) {
  return new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-extend]") || form.dataset.plain) return;
  event.preventDefault();
  // Whatever goes wrong, the form itself still works, and the server's page says what is so.
  extend(form).catch(() => {
    form.dataset.plain = "yes";
    form.submit();
  });
});

tick();
setInterval(tick, 1000);
addEventListener("visibilitychange", tick);
watchHold();
