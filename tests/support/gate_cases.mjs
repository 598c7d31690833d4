// The phone's rule on cases that Python made and judged (tests/gate/test_gate_phone.py), and rotating codes at the same
// moments. node gate_cases.mjs FILE → {"outcomes": […], "decided": […], "digits": […], "short": […], "hashes": […]}
import { readFileSync } from "node:fs";
import { fromBase64, issueHash, readShort, revokedHash, toBase64 } from "../../static/js/gate/code.js";
import { digitsAt, rightSecret } from "../../static/js/gate/rotating.js";
import { take } from "../../static/js/gate/revocations.js";
import { decide, judge } from "../../static/js/gate/rule.js";

const given = JSON.parse(readFileSync(process.argv[2]));
const places = given.places.map((place) => ({
  ...place,
  gateZones: new Set(place.gateZones),
  parkZones: new Set(place.parkZones),
  keys: new Map(place.keys.map((key) => [key.id, key])),
  secret: place.secret && fromBase64(place.secret),
  isRevoked: (hash) => place.revoked.includes(toBase64(hash)),
}));
const outcomes = [];
for (const { text, place, at, leaving } of given.cases) {
  try {
    outcomes.push((await judge(text, places[place], { at, from: at, to: at }, leaving)).outcome);
  } catch (error) {
    outcomes.push(`crash: ${error.message}`);
  }
}
const decided = (given.decided ?? []).map(([found, known]) => decide(found, known ?? undefined));
const digits = [];
for (const { secret, right, seq, at } of given.rotating)
  digits.push(await digitsAt(await rightSecret(fromBase64(secret), fromBase64(right), seq), at));
const hashes = [];
for (const each of given.rotating) {
  const right = fromBase64(each.right);
  hashes.push([toBase64(await issueHash({ ...each, right })), toBase64(await revokedHash(right, each.seq))]);
}
const lists = [];
for (const { kept, list, event } of given.lists) {
  const got = await take(kept && { ...kept, hashes: new Set(kept.hashes) }, list, places[0].keys, event);
  lists.push(typeof got === "string" ? got : [...got.hashes].sort());
}
console.log(
  JSON.stringify({
    outcomes,
    decided,
    digits,
    hashes,
    lists,
    short: given.short.map((text) => {
      const bytes = readShort(text);
      return bytes && toBase64(bytes);
    }),
  }),
);
