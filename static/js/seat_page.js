// The map of the seat page and its live states. Fetches layout, prices and states side by side, puts the map in the
// plan's place, and keeps map, lists and choice in step. Without any of it the lists work as they are.
import "./hold.js";
import { choice, limitWords, mine, money, opensParts, renewOffers, say, show } from "./choose.js";
import { grouped, plural } from "./figures.js";
import { markLists } from "./seat_lists.js";
import { dressMap, lightWish, nameMap, openArea } from "./seat_dress.js";

const page = document.querySelector("[data-seat-page]");
const place = document.querySelector("[data-map]");
const eventId = Number(page.dataset.event);
const SLOW_MS = 4000;

let ground = null; // the layout as the map has it
let prices = null;
let states = null; // one byte a seat: 0 free, 1 held, 2 taken, 3 not for sale
let known = null; // without the layout: seat id → state of what is not free
let version = 0;
let map = null;
let unpack = null;
let opening = null; // the newest stand that the map asked for

const WORDS = { free: 0, held: 1, taken: 2, sold: 2, paying: 2, blocked: 3 };
const numberOf = (state) => (typeof state === "number" ? state : (WORDS[state] ?? 2));

// --- fetching ------------------------------------------------------------------------------------

async function ask(address, read) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return read(answer);
}

function readStates(answer) {
  version = Math.max(version, Number(answer.headers.get("Seat-Version")) || 0);
  return answer.arrayBuffer();
}

/* Not older than what we know of, also through a cache. */
function statesAddress() {
  const address = new URL(place.dataset.states, location);
  if (version) address.searchParams.set("after", version);
  return address.pathname + address.search;
}

function waitShown(text) {
  const box = place.querySelector("[data-map-wait]");
  box.hidden = !text;
  if (text) box.querySelector("[data-map-wait-said]").textContent = text;
}

/* Lets the page paint and answer a finger between two pieces of work. */
const breath = () => (globalThis.scheduler?.yield ? scheduler.yield() : new Promise((done) => setTimeout(done)));

/* The map's first picture is on the screen, or the page is out of sight. */
const painted = () =>
  new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, 500);
  });

/* The map stands still and is sharp: what can wait does not take its time. */
async function settled() {
  do await new Promise((done) => setTimeout(done, 250));
  while (map?.isMoving);
}

async function load() {
  const trouble = place.querySelector("[data-map-trouble]");
  trouble.hidden = true;
  waitShown("The seats are coming");
  const slow = setTimeout(() => waitShown("Still coming. The lists below have every seat, too."), SLOW_MS);
  try {
    const engine = import("./map/map.js");
    // The ground is worked out as soon as its layout is here, while prices and states are still on their way.
    const drawn = Promise.all([engine, ask(place.dataset.layout, (a) => a.json())]).then(
      async ([{ decode }, found]) => {
        await breath();
        return decode(found);
      },
    );
    const [{ createMap, unpack: unpacked }, shape, sold, packed] = await Promise.all([
      engine,
      drawn,
      ask(place.dataset.prices, (a) => a.json()),
      ask(place.dataset.states, readStates),
    ]);
    await breath();
    unpack = unpacked;
    ground = shape;
    prices = sold;
    states = unpack(packed, ground.count);
    known = null;
    const root = place.querySelector("[data-map-root]");
    const plan = [...root.childNodes];
    try {
      map = createMap(root, ground, {
        prices,
        states,
        money,
        chosen: choice.ids,
        mine: [...mine()],
        isMember: place.hasAttribute("data-member"),
        legend: false,
        controls: place.querySelector("[data-map-controls]"),
        onChoose,
        onStand,
        onLost: () => {}, // dropTaken() says it, for the lists as well
        opensParts,
        onArea: (bay) => openArea(ground, bay, freeIn(bay), priceIn(bay)),
      });
    } catch (error) {
      root.replaceChildren(...plan);
      throw error;
    }
    root.map = map;
    place.classList.add("has-map");
    follow();
    if (map.stand !== null) nameMap(place, map, map.stand);
    await painted();
    dressMap(place, map, prices);
    await breath();
    markLists(stateOf);
  } catch (error) {
    states = map ? states : null;
    console.warn("The map could not be drawn.", error);
    trouble.hidden = false;
  } finally {
    clearTimeout(slow);
    waitShown("");
  }
}

// --- one choice ----------------------------------------------------------------------------------

const KINDS = {
  accessible: "Wheelchair space",
  companion: "Companion seat",
  restricted: "Part of the view is hidden",
  members: "Members’ seat",
};

function seatOf(id) {
  const said = map.describe(id);
  return {
    id,
    name: `Row ${said.row}, seat ${said.number}`,
    note: [said.stand, said.bay && `bay ${said.bay}`, KINDS[said.kind]].filter(Boolean).join(", "),
    price: prices.bands[said.band]?.adult?.total ?? null,
    band: said.band,
  };
}

/* The map asks before it draws a seat as chosen or not: false refuses, words are said after its own. */
function onChoose(id, on) {
  if (!on) {
    choice.remove([id]);
    return choice.size ? `${plural(choice.size, "seat")} chosen in all` : true;
  }
  const seat = seatOf(id);
  if (seat.price === null) return false;
  if (choice.add(seat)) return `${plural(choice.size, "seat")} in all`;
  say(limitWords());
  return false;
}

choice.addEventListener("change", () => map?.setChosen(choice.ids));

/* The map opened a stand: the address says so, and the list beside shows it. Back at the whole ground the list stays
   where it is: nobody loses a list by turning the phone or zooming out. */
async function onStand(number) {
  // After the flight there: words cost the page a layout.
  const isOffer = lit;
  if (map) setTimeout(() => map && nameMap(place, map, map.stand, !isOffer), 260);
  const stand = ground.stands[number ?? -1];
  if (!stand || lit) return;
  const there = new URL(location);
  const now = there.searchParams.get("stand");
  if (now === String(stand.id)) return;
  there.search = `?stand=${stand.id}`;
  there.hash = "";
  history.replaceState(null, "", there.pathname + there.search);
  opening = there.pathname + there.search;
  const mineNow = opening;
  // A map that is being moved passes stands by; the list follows where it stays.
  await settled();
  if (opening !== mineNow || document.querySelector("[aria-busy]")) return;
  show(mineNow).catch(() => {});
}

/* The address changed by a link or by going back: the map goes there, too. */
function follow() {
  const there = new URL(location);
  const stand = Number(there.searchParams.get("stand"));
  const bay = Number(there.searchParams.get("bay"));
  if (bay) map.showBay(bay);
  else if (stand) map.showStand(stand);
  else map.overview();
}

document.addEventListener("cricverse:moved", () => map && follow());

document.addEventListener("cricverse:swapped", (event) => {
  if (!page.contains(place)) {
    map?.destroy();
    map = null;
    return;
  }
  if (map) {
    map.hideTip(); // its words are of before
    lightWish(place, map, prices);
    map.setMine([...mine()]);
    map.setChosen(choice.ids);
    if (event.detail.added.length) map.showSeats(event.detail.added);
  }
  markLists(stateOf);
});

/* Offered seats are shown on the map when their offer is looked at; the list beside stays where it is. */
let lit = false;

function light(offer) {
  if (!map || offer.classList.contains("is-lit")) return;
  for (const one of document.querySelectorAll("[data-offer]")) one.classList.toggle("is-lit", one === offer);
  lit = true;
  map.showSeats(offer.dataset.seats.split(",").map(Number));
  lit = false;
}

for (const kind of ["focusin", "click"])
  document.addEventListener(kind, (event) => {
    const offer = event.target.closest?.("[data-offer]");
    if (offer) light(offer);
  });

// --- live ----------------------------------------------------------------------------------------

/* 0…3, or null where nothing is known. */
function stateOf(id) {
  if (!states) return known ? (known.get(id) ?? 0) : null;
  const at = ground.indexOf(id);
  return at < 0 ? null : states[at];
}

function priceIn(bayNumber) {
  const price = prices.bands[map.describe(ground.idAt(ground.bays[bayNumber].first)).band]?.adult?.total;
  return price === undefined ? "" : money(price);
}

function freeIn(bayNumber) {
  const { first, count } = ground.bays[bayNumber];
  let left = 0;
  for (let i = first; i < first + count; i++) if (states[i] === 0) left++;
  return left;
}

/* Seats of the choice that somebody else has now leave it. While our own hold is on its way they may be ours: wait for
   its answer. */
function dropTaken() {
  if (page.getAttribute("aria-busy")) return;
  const own = mine();
  const lost = choice.remove(choice.ids.filter((id) => (stateOf(id) ?? 0) > 0 && !own.has(id)));
  if (!lost.length) return;
  const names = lost.map((seat) => seat.name).join("; ");
  say(`${names} ${lost.length === 1 ? "has" : "have"} just been taken. ${plural(choice.size, "seat")} still chosen.`);
}

document.addEventListener("cricverse:idle", dropTaken);

/* An offer of which somebody else has taken a seat makes room for the next one. */
function dropOffers() {
  if (page.getAttribute("aria-busy")) return;
  const own = mine();
  const seats = [...document.querySelectorAll("[data-offer]")].flatMap((offer) => offer.dataset.seats.split(","));
  if (seats.map(Number).some((id) => (stateOf(id) ?? 0) > 0 && !own.has(id))) renewOffers(version).catch(() => {});
}

document.addEventListener("cricverse:idle", dropOffers);

function onSeats(message) {
  version = Math.max(version, message.version);
  const changes = [];
  for (const [id, state] of message.seats) {
    if (!states) {
      (known ??= new Map()).set(id, numberOf(state));
      changes.push([id, numberOf(state)]);
      continue;
    }
    const at = ground.indexOf(id);
    if (at < 0) continue;
    states[at] = numberOf(state);
    changes.push([id, states[at]]);
  }
  map?.change(changes);
  markLists(
    stateOf,
    changes.map(([id]) => id),
  );
  dropTaken();
  dropOffers();
}

async function onReset() {
  if (states) {
    states = unpack(await ask(statesAddress(), readStates), ground.count);
    map?.setStates(states);
  } else {
    const lists = await ask(`${statesAddress()}${version ? "&" : "?"}as=lists`, (a) => a.json());
    version = Math.max(version, lists.version);
    known = new Map([
      ...lists.held.map((id) => [id, 1]),
      ...lists.taken.map((id) => [id, 2]),
      ...(lists.blocked ?? []).map((id) => [id, 3]),
    ]);
  }
  markLists(stateOf);
  dropTaken();
  dropOffers();
}

function onOccupancy({ stands }) {
  for (const { id, left } of stands ?? []) {
    const line = document.querySelector(`[data-stand="${Number(id)}"]`);
    if (!line) continue;
    line.querySelector("[data-left]").textContent =
      left === 0 ? "Sold out" : left === 1 ? "1 seat left" : `${grouped(left)} left`;
    const bar = line.querySelector(".bar-part");
    bar?.setAttribute("width", Math.min(100, Math.max(0, (100 * left) / Number(line.dataset.seats))).toFixed(1));
  }
}

function listen() {
  globalThis.CricVerseLive?.subscribeEvent(eventId, {
    version,
    onSeats,
    onReset,
    onOccupancy,
    onState(live) {
      const box = place.querySelector("[data-map-live]");
      box.hidden = live.state === "live" && live.via === "websocket";
      box.textContent = live.words;
    },
  });
}

// --- start ---------------------------------------------------------------------------------------

// The live layer comes once the map is there: until then it would only stand in its way.
async function goLive() {
  await settled();
  await import("../vendor/socket.io/socket.io.min.js");
  await import("./realtime_client.js");
  listen();
}

if (place) {
  place.querySelector("[data-map-again]").addEventListener("click", load);
  load()
    .then(goLive)
    .catch((error) => console.warn("The page is not live.", error));
}
