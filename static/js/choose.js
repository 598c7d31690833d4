// Smoother choosing; everything works without it. Forms with data-swap are sent in the background, and the parts of the page that
// the server draws anew take the place of the old ones: no jump, no lost checkbox, the focus stays.
const page = () => document.querySelector("[data-seat-page]");

function say(text) {
  const place = document.querySelector("[data-said]");
  if (place) place.textContent = text;
}

function checked() {
  return [...document.querySelectorAll("[name=seat_id]:checked")].map((box) => box.value);
}

function swap(html, keep) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const had = page().contains(document.activeElement);
  const focused = document.activeElement?.id;
  const parts = ["notices", "page"].map((name) => [document.querySelector(`[data-part=${name}]`), fresh.querySelector(`[data-part=${name}]`)]);
  if (parts.some(([old, now]) => !old || !now)) return false;
  for (const hold of fresh.querySelectorAll("[data-hold]")) hold.dataset.swapped = performance.now();
  for (const [old, now] of parts) old.replaceWith(document.adoptNode(now));
  // What the server says in passing stands above the parts.
  document.querySelector("main > .notices")?.remove();
  const told = fresh.querySelector("main > .notices");
  if (told) document.querySelector("main").prepend(document.adoptNode(told));
  document.title = fresh.title;
  for (const value of keep) {
    const box = document.querySelector(`[name=seat_id][value="${CSS.escape(value)}"]`);
    if (box) box.checked = true;
  }
  start();
  const wrong = document.querySelector("[data-error-summary]");
  if (wrong) wrong.focus();
  else if (had) {
    // What had the focus may be gone with the seat it belonged to: then the tray has it, or the first thing that can be chosen.
    const place = (focused && document.getElementById(focused)) || document.getElementById("tray") || page().querySelector("a, button, select");
    place?.focus({ preventScroll: true });
  }
  return true;
}

async function send(form, button) {
  const own = button?.getAttribute("formaction") || form.action;
  const isChoice = form.matches("[data-choice]");
  const keep = isChoice ? [] : checked();
  const before = page().classList.contains("has-seats");
  page().setAttribute("aria-busy", "true");
  const answer = await fetch(own, { method: "POST", body: new FormData(form), headers: { Accept: "text/html" } });
  const place = new URL(answer.url);
  if (answer.redirected && place.pathname !== location.pathname) return location.assign(answer.url);
  if (!swap(await answer.text(), keep)) throw new Error("another page came back");
  if (answer.redirected) history.replaceState(null, "", place.pathname + place.search);
  const tray = document.getElementById("tray");
  if (answer.ok && tray) {
    const total = tray.querySelector(".tray-sum b").textContent;
    say(`${tray.querySelector("#tray-h").textContent}, ${total} in all.`);
    // On a phone the tray is below the seats; the first hold brings it into view, later ones leave the page where it is.
    if (!before && !isChoice) tray.focus();
  } else if (answer.ok) say(document.querySelector("main > .notices")?.textContent.trim() || "You hold no seats.");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-swap]") || event.defaultPrevented) return;
  event.preventDefault();
  if (page().getAttribute("aria-busy")) return;
  send(form, event.submitter).catch(() => {
    // The network or a page we do not know: send the form the plain way.
    if (event.submitter?.hasAttribute("formaction")) form.action = event.submitter.getAttribute("formaction");
    form.submit();
  }).finally(() => page()?.removeAttribute("aria-busy"));
});

function count() {
  for (const form of document.querySelectorAll("[data-choice]")) {
    const boxes = [...form.querySelectorAll("[name=seat_id]:checked")];
    const place = form.querySelector("[data-choice-said]");
    if (!place) continue;
    place.dataset.first ??= place.textContent;
    const limit = Number(form.dataset.limit);
    if (!boxes.length) place.textContent = place.dataset.first;
    else if (boxes.length > limit) place.textContent = `${boxes.length} seats chosen; one buyer can have ${limit}.`;
    else place.textContent = `${boxes.length} ${boxes.length === 1 ? "seat" : "seats"} chosen`;
  }
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[name=seat_id]")) count();
  if (event.target.closest("[data-types]") && event.target.matches("select")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (!step) return;
  const field = step.parentElement.querySelector("input");
  field.value = Math.min(Number(field.max), Math.max(Number(field.min), Number(field.value || 0) + Number(step.dataset.step)));
});

function start() {
  for (const step of document.querySelectorAll("[data-step]")) step.hidden = false;
  count();
}

start();
