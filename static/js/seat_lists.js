// The seats of the list that is shown, in step with the live states: what others take is greyed and said in words, what
// becomes free again is fetched as the server draws it.
import { choice, mine } from "./choose.js";

const SAID = ["", "someone is choosing it", "sold", "not for sale"];
const CLASS = ["", "is-held", "is-taken", "is-taken"];
let due = null;

function grey(item, state) {
  const words = item.querySelector(".visually-hidden")?.textContent.split(",").slice(0, 2).join(",") ?? "";
  const seat = document.createElement("span");
  seat.className = `seat ${CLASS[state]}`;
  const shape = document.createElement("span");
  shape.setAttribute("aria-hidden", "true");
  const said = document.createElement("span");
  said.className = "visually-hidden";
  said.textContent = `${words}, ${SAID[state]}`;
  seat.append(shape, said);
  item.replaceChildren(seat);
}

/* Marks these seats, or all of the list. `stateOf(id)` → 0…3 or null. */
export function markLists(stateOf, ids = null) {
  const own = mine();
  const items = ids
    ? ids.map((id) => document.querySelector(`[data-seat="${id}"]`)).filter(Boolean)
    : document.querySelectorAll("[data-seat]");
  let freed = false;
  for (const item of items) {
    const id = Number(item.dataset.seat);
    const state = stateOf(id);
    if (state === null || own.has(id)) continue;
    const box = item.querySelector("input");
    if (state > 0 && (box || !item.querySelector(`.${CLASS[state]}`))) {
      // While our own hold is on its way its seats look taken; its answer draws them anew.
      if (box && choice.has(id) && document.querySelector("[data-seat-page][aria-busy]")) continue;
      grey(item, state);
    } else if (state === 0 && !box && !item.dataset.closed) freed = true;
  }
  if (freed) refresh(stateOf);
}

/* What is free again: the server draws it, and only these items change. */
function refresh(stateOf) {
  if (due) return;
  due = setTimeout(
    async () => {
      try {
        const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
        if (!answer.ok) return;
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const item of document.querySelectorAll("[data-seat]")) {
          const now = fresh.querySelector(`[data-seat="${item.dataset.seat}"]`);
          if (!now || item.querySelector("input") || stateOf(Number(item.dataset.seat)) !== 0) continue;
          const box = now.querySelector("input");
          if (box) item.replaceWith(document.adoptNode(now));
          else item.dataset.closed = "yes"; // without a price it is never for sale
        }
      } catch {
        // The next message tries again.
      } finally {
        due = null;
      }
    },
    600 + Math.random() * 900,
  );
}
