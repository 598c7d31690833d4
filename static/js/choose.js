// Smoother choosing; everything works without it. Forms with data-swap are sent in the background, and the parts of the
// page that the server draws anew take the place of the old ones: no jump, no lost seat, the focus stays. The map
// (seat_page.js) outlives it all.
import { moneyLike, plural } from "./figures.js";
import { Choice } from "./seat_choice.js";

const page = () => document.querySelector("[data-seat-page]");
const pick = () => document.querySelector("[data-pick]");
export const money = moneyLike(page().dataset.currency ?? "0.01");

export const choice = new Choice(Number(page().dataset.limit) || 10);

export function say(text) {
  const place = document.querySelector("[data-said]");
  if (place) place.textContent = text;
}

/* The seats that this person holds, by id. */
export function mine() {
  return new Set((document.querySelector("[data-mine]")?.dataset.mine ?? "").split(",").filter(Boolean).map(Number));
}

export function limitWords() {
  return `One buyer can have ${plural(Number(page().dataset.buyer), "seat")} for this match.`;
}

function seatOf(box) {
  const words = (box.dataset.name ?? box.parentElement.textContent).trim();
  const { price, band } = box.dataset;
  return { id: Number(box.value), name: words, price: price ? Number(price) : null, band };
}

/* The parts of an adult's price in a band stand once on the page; whatever shows the price opens them. */
export function opensParts(button, band) {
  const parts = band && document.getElementById(`price-band-${band.toLowerCase()}-adult`);
  if (parts) button.setAttribute("popovertarget", parts.id);
  else button.removeAttribute("popovertarget");
  button.disabled = !parts;
}

// --- the bar -------------------------------------------------------------------------------------

function draw() {
  for (const box of document.querySelectorAll("[name=seat_id][type=checkbox]")) box.checked = choice.has(box.value);
  const bar = pick();
  if (!bar) return;
  const had = bar.contains(document.activeElement) && document.activeElement.closest("li")?.dataset.at;
  bar.hidden = choice.size === 0;
  page().classList.toggle("has-choice", choice.size > 0);
  bar.querySelector("[data-choice-said]").textContent = `${plural(choice.size, "seat")} chosen`;
  bar.querySelector("[data-pick-total]").textContent = money(choice.total);
  const row = bar.querySelector("template").content.firstElementChild;
  const rows = choice.seats.map((seat, at) => {
    const line = row.cloneNode(true);
    line.dataset.at = at;
    const field = line.querySelector("[data-seat-id]");
    field.name = "seat_id";
    field.value = seat.id;
    line.querySelector("[data-name]").textContent = seat.name;
    line.querySelector("[data-note]").textContent = seat.note ?? "";
    const price = line.querySelector("[data-price]");
    price.textContent = seat.price === null ? "" : money(seat.price);
    opensParts(price, seat.band);
    const out = line.querySelector("[data-out]");
    out.value = seat.id;
    out.setAttribute("aria-label", `Take out ${seat.name.toLowerCase()}`);
    return line;
  });
  bar.querySelector("[data-pick-list]").replaceChildren(...rows);
  if (had !== undefined && had !== false)
    rows[Math.min(Number(had), rows.length - 1)]?.querySelector("[data-out]").focus();
}

choice.addEventListener("change", draw);

// --- parts of the page taken from the server -----------------------------------------------------

/* Another stand or bay leaves what was offered where it is; a wish brings its own form, too. */
const LISTS = ["notices", "main", "side"];
const HELD = [...LISTS, "offers"];
const WISH = [...HELD, "best"];

function swap(html, after, names = HELD) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const now = fresh.querySelector("[data-seat-page]");
  const had = page().contains(document.activeElement) && !document.activeElement.closest("[data-map]");
  const focused = document.activeElement?.id;
  const parts = names.map((name) => [
    document.querySelector(`[data-part=${name}]`),
    fresh.querySelector(`[data-part=${name}]`),
  ]);
  if (!now || parts.some(([old, one]) => !old || !one)) return false;
  for (const hold of fresh.querySelectorAll("[data-hold]")) hold.dataset.swapped = performance.now();
  const before = mine();
  for (const [old, one] of parts) old.replaceWith(document.adoptNode(one));
  page().className = now.className;
  page().dataset.limit = now.dataset.limit ?? "";
  choice.limit = Number(now.dataset.limit) || choice.limit;
  if (!now.querySelector("[data-map]"))
    for (const gone of page().querySelectorAll("[data-map], [data-pick]")) gone.remove();
  // What the server says in passing stands above the parts.
  document.querySelector("main > .notices")?.remove();
  const told = fresh.querySelector("main > .notices");
  if (told) document.querySelector("main").prepend(document.adoptNode(told));
  document.title = fresh.title;
  after();
  choice.remove([...mine()]);
  start();
  const added = [...mine()].filter((id) => !before.has(id));
  document.dispatchEvent(new CustomEvent("cricverse:swapped", { detail: { added } }));
  const wrong = document.querySelector("[data-error-summary]");
  if (wrong) wrong.focus();
  else if (had && !page().contains(document.activeElement)) {
    // What had the focus may be gone with the seat it belonged to: then the tray has it, or the first thing that can be
    // chosen.
    const again = focused && document.getElementById(focused);
    const place =
      (again && again.offsetParent && again) ||
      document.getElementById("tray") ||
      page().querySelector(".seat-main :is(a, button, select)");
    place?.focus({ preventScroll: true });
  }
  return true;
}

async function send(form, button) {
  const own = button?.getAttribute("formaction") || form.action;
  const isChoice = form.matches("[data-choice]");
  const body = new FormData(form);
  if (isChoice && !form.matches("[data-exact]")) {
    // The lists know only what they show.
    body.delete("seat_id");
    for (const id of choice.ids) body.append("seat_id", id);
    // The bar outlives the stands and bays that are looked at meanwhile.
    const here = new URLSearchParams(location.search);
    for (const name of ["stand", "bay"]) body.set(name, here.get(name) ?? "");
  }
  const before = page().classList.contains("has-seats");
  page().setAttribute("aria-busy", "true");
  const answer = await fetch(own, { method: "POST", body, headers: { Accept: "text/html" } });
  const place = new URL(answer.url);
  if (answer.redirected && place.pathname !== location.pathname) return location.assign(answer.url);
  const swapped = swap(await answer.text(), () => {
    if (!isChoice) return;
    const boxes = answer.ok ? [] : [...document.querySelectorAll("[data-part=main] [name=seat_id]:checked")];
    choice.replace(boxes.map(seatOf));
  });
  if (!swapped) throw new Error("another page came back");
  if (answer.redirected) history.replaceState(null, "", place.pathname + place.search);
  const tray = document.getElementById("tray");
  if (answer.ok && tray) {
    const total = tray.querySelector(".tray-sum b").textContent;
    say(`${tray.querySelector("#tray-h").textContent}, ${total} in all.`);
    // On a phone the tray is below the seats; the first hold brings it into view, later ones leave the page where it
    // is.
    if (!before && !isChoice) tray.focus();
  } else if (answer.ok) say(document.querySelector("main > .notices")?.textContent.trim() || "You hold no seats.");
}

/* What was offered, anew: one of them has been taken by this version of the seats. */
export async function renewOffers(version) {
  const offered = document.querySelector("[data-offers]");
  const had = offered.contains(document.activeElement);
  await show(`${offered.dataset.offers}&after=${version}`, ["offers"]);
  say("One of the offers has just been taken. The next ones are shown.");
  if (had) document.getElementById("offers-h")?.focus();
}

/* Show another stand or bay beside the map; `parts` that change. */
export async function show(address, parts = LISTS) {
  page().setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const isPage = answer.ok || [409, 422].includes(answer.status);
    if (!isPage || !swap(await answer.text(), () => {}, parts)) throw new Error(`${address}: ${answer.status}`);
  } finally {
    page()?.removeAttribute("aria-busy");
  }
}

/* A wish is asked for by its address, and the offers get the focus. */
async function wishFor(address) {
  await show(address, WISH);
  history.pushState(null, "", address);
  if (document.querySelector("[data-error-summary]")) return;
  const heading = document.getElementById("offers-h");
  (heading ?? document.querySelector("[data-part=best] [type=submit]"))?.focus();
  if (heading) say(heading.textContent.trim().replace(/\s+/g, " "));
}

/* What a form asks for by GET, without what is empty. */
function addressOf(form) {
  const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  return `${new URL(form.action).pathname}?${asked}`;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-swap]") || event.defaultPrevented) return;
  event.preventDefault();
  if (page().getAttribute("aria-busy")) return;
  const sent = form.method === "get" ? wishFor(addressOf(form)) : send(form, event.submitter);
  sent
    .catch(() => {
      // The network or a page we do not know: send the form the plain way.
      if (event.submitter?.hasAttribute("formaction")) form.action = event.submitter.getAttribute("formaction");
      form.submit();
    })
    .finally(() => {
      page()?.removeAttribute("aria-busy");
      document.dispatchEvent(new Event("cricverse:idle"));
    });
});

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("[name=seat_id]")) {
    if (!box.checked) choice.remove([box.value]);
    else if (!choice.add(seatOf(box))) {
      box.checked = false;
      say(limitWords());
    }
  }
  if (box.closest("[data-types]") && box.matches("select")) box.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const out = event.target.closest("[data-out]");
  if (out) {
    choice.remove([out.value]);
    return;
  }
  const step = event.target.closest("[data-step]");
  if (step) {
    const field = step.parentElement.querySelector("input");
    field.value = Math.min(
      Number(field.max),
      Math.max(Number(field.min), Number(field.value || 0) + Number(step.dataset.step)),
    );
    return;
  }
  // Another stand or bay of this page: the choice outlives the way there.
  const link = event.target.closest(":is([data-seat-page], [data-offers]) a[href]");
  if (
    !link ||
    event.defaultPrevented ||
    event.button ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  )
    return;
  const place = new URL(link.getAttribute("href"), location);
  if (place.origin !== location.origin || place.pathname !== location.pathname || place.hash) return;
  event.preventDefault();
  if (link.closest("[data-offers]")) {
    wishFor(place.pathname + place.search).catch(() => location.assign(place));
    return;
  }
  const top = page().querySelector(".seat-main").getBoundingClientRect().top;
  show(place.pathname + place.search).then(
    () => {
      history.pushState(null, "", place.pathname + place.search);
      document.dispatchEvent(new Event("cricverse:moved"));
      const list = page().querySelector(".seat-main");
      if (top < 0) list.scrollIntoView();
      if (!document.activeElement || document.activeElement === document.body)
        list.querySelector("a, button")?.focus({ preventScroll: true });
    },
    () => location.assign(place),
  );
});

addEventListener("popstate", () => {
  show(location.pathname + location.search, WISH).then(
    () => document.dispatchEvent(new Event("cricverse:moved")),
    () => location.reload(),
  );
});

function start() {
  for (const step of document.querySelectorAll("[data-step]")) step.hidden = false;
  draw();
}

// On a phone the bar is folded, so that it leaves the map in sight.
if (pick() && matchMedia("(min-width: 62.01rem)").matches) pick().querySelector("[data-pick-more]").open = true;

// A browser that comes back to this page checks the boxes again, and the server checks them after a refusal.
choice.replace([...document.querySelectorAll("[data-part=main] [name=seat_id]:checked")].map(seatOf));
start();
