// The rule of the gate on the phone; gate/admit.py says the same, and both are tried on the same cases.
// A place is {event, day, gateZones, parkZones (Sets), keys (Map: id → {public, event, day, revoked}), rotating,
// secret, isRevoked(hash)}.
import { issueHash, parse, revokedHash, verify } from "./code.js";
import { STEP, isCurrent, rightSecret } from "./rotating.js";

// What to say of this text at a time, as far as the text, the keys and the revocation list tell: {outcome, code, hash}.
// `time` is {at, from, to} in seconds since 1970: the likeliest moment, and between which it surely is (clock.js). A
// ticket is too early or too late only if it is so at each of them.
export async function judge(text, place, time, leaving = false) {
  const code = parse(text);
  if (code.problem) return { outcome: code.problem };
  const key = place.keys.get(code.key);
  if (!key) return { outcome: "unknown" };
  if (!(await verify(key.public, code.signature, code.message))) return { outcome: "forged" };
  const say = async (outcome) => ({ outcome, code, hash: await issueHash(code) });
  if (key.revoked) return say("void");
  if (code.event !== key.event) return say("forged");
  if (code.event !== place.event && !(code.event === 0 && code.kind === "pass" && place.parkZones.size))
    return say(key.day === place.day ? "wrong_event" : "wrong_day");
  if (time.to < code.notBefore) return say("not_yet_valid");
  if (time.from > code.expires) return say("expired");
  if (!(code.kind === "pass" ? place.parkZones : place.gateZones).has(code.zone)) return say("wrong_gate");
  if (place.isRevoked(await revokedHash(code.right, code.seq))) return say("void");
  if (leaving) return say("left");
  if (place.rotating && code.event === place.event) {
    // After a reload without a network the secret is not there: then a face is looked at.
    if (code.digits === null || !place.secret) return say("check_identity");
    // And so it is where the phone does not know the time well enough to call a picture old.
    if (!(await isCurrent(code.digits, await rightSecret(place.secret, code.right, code.seq), time.at)))
      return say(time.to - time.from < STEP ? "old_picture" : "check_identity");
  }
  return say("admitted");
}

const INSIDE = 1,
  DISPUTED = 2;
export const VOID = 4;

// Outcomes of the first part that the right itself may still change.
const GOOD_SO_FAR = ["admitted", "check_identity", "old_picture", "left"];

// The last part, from what the phone knows of the right: void → disputed → identity → inside already → admitted.
// app.decide_scan is the same from what the server finds, and both are tried on the same cases.
export function decide(outcome, status) {
  if (!GOOD_SO_FAR.includes(outcome)) return outcome;
  if (status === VOID) return "void";
  if (outcome === "left")
    return status === INSIDE || status === undefined || status === DISPUTED ? "left" : "not_inside";
  if (status === DISPUTED) return "disputed";
  if (outcome !== "admitted") return outcome;
  return status === INSIDE ? "already_used" : "admitted";
}
