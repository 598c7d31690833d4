/* Grounds near you. The browser's time zone puts grounds of the same zone first and asks nobody; "Use my location" asks
   the browser on a tap and sorts by distance. Where somebody is never leaves this page. */

const list = document.querySelector("[data-near]");
const said = document.querySelector("[data-near-said]");
const button = document.querySelector("[data-near-ask]");

/** Kilometres between two places in degrees, along a great circle. */
function distance(lat1, lon1, lat2, lon2) {
  const rad = Math.PI / 180;
  const a =
    Math.sin(((lat2 - lat1) * rad) / 2) ** 2 +
    Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(((lon2 - lon1) * rad) / 2) ** 2;
  return 12742 * Math.asin(Math.sqrt(a));
}

function sort(rank) {
  const items = [...list.children].map((item, place) => ({ item, place, rank: rank(item) }));
  items.sort((a, b) => a.rank - b.rank || a.place - b.place);
  list.replaceChildren(...items.map(({ item }) => item));
  return items;
}

function byZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  const here = (item) =>
    item.dataset.zone === zone ? 0 : item.dataset.zone.split("/")[0] === zone.split("/")[0] ? 1 : 2;
  const items = sort(here);
  if (items[0]?.rank === 0) said.textContent = `Those in your time zone first (${zone.replaceAll("_", " ")}).`;
}

function byPlace({ coords }) {
  const far = (item) =>
    item.dataset.lat
      ? distance(coords.latitude, coords.longitude, Number(item.dataset.lat), Number(item.dataset.lon))
      : Infinity;
  for (const { item, rank } of sort(far)) {
    const words = item.querySelector("[data-far]");
    if (Number.isFinite(rank))
      words.textContent = `${rank < 10 ? rank.toFixed(1) : Math.round(rank).toLocaleString("en")} km away`;
  }
  said.textContent = "The nearest first. Where you are stays in this browser.";
}

if (list) {
  byZone();
  if ("geolocation" in navigator && list.querySelector("[data-lat]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      said.textContent = "Asking your browser";
      navigator.geolocation.getCurrentPosition(
        byPlace,
        () => {
          said.textContent = "Your browser did not say where you are. The order stays as it was.";
        },
        { maximumAge: 600000, timeout: 10000 },
      );
    });
  }
}
