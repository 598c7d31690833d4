// What stands around the map: the chips that dim what does not fit, the words about the sun, and the sheet of an
// unreserved area.

import { grouped } from "./figures.js";

const sheet = () => document.querySelector("[data-area]");

/* What the page could not know without the map: the sun, the key, the shade; and what the chips do. */
export function dressMap(place, map, prices) {
  place.querySelector("[data-map-sun]").textContent = prices.sun ?? "";
  // The map's own key has the kinds that this ground really has, drawn as on the canvas; drawn when it is looked at.
  const key = place.querySelector(".map-legend");
  const draw = () => key.open && key.querySelector(".seat-key").replaceWith(map.makeKey());
  key.ontoggle = draw;
  draw();
  const box = place.querySelector("[data-map-chips]");
  box.querySelector("[data-map-shade]").hidden = !prices.shade?.length;
  box.onchange = () => {
    const on = [...box.querySelectorAll(":checked")].map((tick) => tick.value);
    const bands = on.filter((v) => v.startsWith("band-")).map((v) => v.slice(5));
    map.setFilter(
      on.length
        ? { bands: bands.length ? bands : null, shade: on.includes("shade"), accessible: on.includes("accessible") }
        : null,
    );
  };
}

/* Above the map stands what it shows: the whole ground, or one stand with what is left there. */
export function nameMap(place, map, stand) {
  const title = place.querySelector("[data-map-title]");
  const left = place.querySelector("[data-map-left]");
  const told = stand === null ? null : map.describeStand(stand);
  title.textContent = told ? told.name : title.dataset.whole;
  left.textContent = told ? told.words : left.dataset.whole;
  place.querySelector("[data-map-best] [name=best_where]").value = told ? `stand-${told.id}` : "";
  place.querySelector("[data-map-here]").hidden = !told;
}

/* Places on the grass are bought by their number. */
export function openArea(ground, bayNumber, left) {
  const dialog = sheet();
  const bay = ground.bays[bayNumber];
  const stand = ground.stands[bay.stand];
  dialog.querySelector("[data-area-name]").textContent = `${stand.name}, unreserved`;
  dialog.querySelector("[data-area-said]").textContent = left
    ? `Sit where you like in bay ${bay.name}: ${grouped(left)} places left.`
    : `Every place in bay ${bay.name} is taken.`;
  dialog.querySelector("[name=best_where]").value = `stand-${stand.id}`;
  dialog.querySelector("[type=submit]").disabled = left === 0;
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-area-close]") || event.target === sheet()) sheet().close();
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-area-form]")) sheet().close();
});
