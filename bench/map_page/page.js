// The engine alone: ?seats=100000&stand=3&gone=2&member=1 on a made-up ground.
import { decode, unpack } from "/static/js/map/geometry.js";
import { createMap } from "/static/js/map/map.js";
import { moneyLike } from "/static/js/figures.js";
import { makeGround, makePrices, makeStates } from "./ground.js";

const wish = new URLSearchParams(location.search);
const json = makeGround(Number(wish.get("seats") || 100000));
const text = JSON.stringify(json);
const parsed = JSON.parse(text);
const began = performance.now();
const ground = decode(parsed);
const took = performance.now() - began;
const states = unpack(makeStates(json, Number(wish.get("gone") ?? -1)), json.seats);
const told = [];
const map = createMap(document.querySelector("[data-map]"), ground, {
  prices: makePrices(json),
  states,
  money: moneyLike("A$0.01"),
  isMember: wish.get("member") === "1",
  onChoose: (id, on) => {
    told.push(["choose", id, on]);
    return !(wish.get("refuse") === "1");
  },
  onStand: (s) => told.push(["stand", s]),
  onArea: (b) => told.push(["area", b]),
  onLost: (id) => told.push(["lost", id]),
});
if (wish.get("stand")) map.showStand(10 + Number(wish.get("stand")));
Object.assign(window, { map, ground, told, decoded: took, bytes: text.length });
