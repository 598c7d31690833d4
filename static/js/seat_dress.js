// What stands around the map: the chips that dim what does not fit, the words about the sun, and the sheet of an unreserved area.

import { grouped } from "./seat_choice.js";

const sheet = () => document.querySelector("[data-area]");

/* Chips for price bands and kinds, where the map knows how to dim. */
export function dressMap(place, map, prices) {
  place.querySelector("[data-map-sun]").textContent = prices.sun ?? "";
  // The map's own key has the kinds that this ground really has, drawn as on the canvas; drawn when it is looked at.
  const key = place.querySelector(".map-legend");
  const draw = () => key.open && key.querySelector(".seat-key").replaceWith(map.makeKey());
  key.ontoggle = draw;
  draw();
  const box = place.querySelector("[data-map-chips]");
  if (typeof map.setFilter !== "function") return;
  const wishes = Object.keys(prices.bands).sort().map((band) => [`band-${band}`, `Band ${band}`]);
  if (prices.shade?.length) wishes.push(["shade", "In the shade"]);
  wishes.push(["accessible", "Wheelchair"]);
  box.replaceChildren(
    ...wishes.map(([value, words]) => {
      const chip = document.createElement("label");
      chip.className = "chip";
      const tick = document.createElement("input");
      tick.type = "checkbox";
      tick.value = value;
      const said = document.createElement("span");
      said.textContent = words;
      chip.append(tick, said);
      return chip;
    }),
  );
  box.onchange = () => {
    const on = [...box.querySelectorAll(":checked")].map((tick) => tick.value);
    const bands = on.filter((v) => v.startsWith("band-")).map((v) => v.slice(5));
    map.setFilter(on.length ? { bands: bands.length ? bands : null, shade: on.includes("shade"), accessible: on.includes("accessible") } : null);
  };
  box.hidden = false;
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
