/* The filters of the fixture list without a reload: the same address is fetched, and what differs is swapped in. */

const form = document.querySelector("[data-find]");
let asked = 0;
let shown = location.pathname + location.search;

function address() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value.trim()) query.append(name, value.trim());
  return `${form.action.split("?")[0]}${query.size ? `?${query}` : ""}`;
}

async function show(url, { keep = true, fields = false } = {}) {
  const mine = (asked += 1);
  const to = new URL(url, location.href);
  shown = to.pathname + to.search;
  let page;
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    location.assign(url);
    return;
  }
  if (mine !== asked) return; // a later choice has been made meanwhile
  for (const part of document.querySelectorAll("[data-swap]")) {
    const fresh = page.querySelector(`[data-swap="${part.dataset.swap}"]`);
    if (fresh) part.replaceChildren(...fresh.childNodes);
  }
  document.title = page.title;
  if (keep) history.pushState(null, "", url);
  if (fields) fill(page.querySelector("[data-find]"));
  showDay();
}

/* The form as the server understood it: of "4 of us under 60" the words are gone, and the fields say 4 and 60. */
function fill(fresh) {
  form.querySelector("input[type=hidden]")?.remove();
  for (const theirs of fresh.querySelectorAll("[name]")) {
    const field = form.elements[theirs.name];
    if (!field) form.append(theirs.cloneNode());
    else if (field.type === "checkbox") field.checked = theirs.checked;
    else {
      if (field.tagName === "SELECT") field.replaceChildren(...theirs.cloneNode(true).childNodes);
      field.value = theirs.value;
    }
  }
}

function showDay() {
  const days = document.querySelector("[data-days]");
  const day = days?.querySelector("[aria-current]");
  if (day) days.scrollLeft = day.offsetLeft - (days.clientWidth - day.clientWidth) / 2;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  show(address(), { fields: true });
});
form.addEventListener("change", (event) => {
  if (event.target.name !== "q" && form.checkValidity()) show(address());
});
document.addEventListener("click", (event) => {
  const chip = event.target.closest?.("[data-chip]");
  if (!chip || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const from = chip.closest("[data-days]") ? "[data-days] [aria-current]" : "#q";
  show(chip.href, { fields: true }).then(() => document.querySelector(from)?.focus({ preventScroll: true }));
});
addEventListener("popstate", () => {
  // A jump to a month changes the address only behind the #.
  if (location.pathname + location.search !== shown) show(location.href, { keep: false, fields: true });
});
// Where there is room the filters stand open.
if (matchMedia("(min-width: 62rem)").matches) document.querySelector("[data-more]").open = true;
showDay();
