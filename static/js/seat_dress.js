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
  place.onchange = () => lightWish(place, map, prices);
  place.onchange();
}

/* Lights on the map what the wish for the best seats asks for: bands, the highest price, the shade, wheelchairs. */
export function lightWish(place, map, prices) {
  map.setFilter(filterOf(place.querySelector("[data-part=best]"), prices));
}

function filterOf(wish, prices) {
  const asked = new FormData(wish);
  const lit = asked.getAll("best_where").filter((value) => value.startsWith("band-"));
  const under = Number(wish.querySelector("[data-under]").selectedOptions[0]?.dataset.minor) || Infinity;
  const bands = Object.keys(prices.bands).filter(
    (band) => (!lit.length || lit.includes(`band-${band}`)) && (prices.bands[band].adult?.total ?? 0) <= under,
  );
  return {
    bands: lit.length || under < Infinity ? bands : null,
    shade: asked.has("best_shade"),
    accessible: asked.has("best_accessible"),
  };
}

/* Above the map stands what it shows: the whole ground, or one stand with what is left there; the wish is for that. */
export function nameMap(place, map, stand, isWish = true) {
  const title = place.querySelector("[data-map-title]");
  const left = place.querySelector("[data-map-left]");
  const told = stand === null ? null : map.describeStand(stand);
  title.textContent = told ? told.name : title.dataset.whole;
  left.textContent = told ? told.words : left.dataset.whole;
  if (!isWish) return;
  const where = place.querySelector("#best-where");
  where.value = told ? `stand-${told.id}` : "";
  if (where.selectedIndex < 0) where.value = "";
}

/* Places on the grass are bought by their number. */
export function openArea(ground, bayNumber, left, price) {
  const dialog = sheet();
  const bay = ground.bays[bayNumber];
  const stand = ground.stands[bay.stand];
  dialog.querySelector("[data-area-name]").textContent = `${stand.name}, unreserved`;
  const each = price ? `, ${price} each, all included` : "";
  dialog.querySelector("[data-area-said]").textContent = left
    ? `Sit where you like in bay ${bay.name}: ${grouped(left)} places left${each}.`
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
