// What cannot be, in the server's sentences (cricket/engine/deliveries.py), so that a scorer without a network hears of
// it early. Only what is cheap and sure: the server stays the judge of the rest. Pure.
import { lawsOf } from "./editions.js";
import { nameOf } from "./reading.js";

export const OFF_A_NO_BALL = new Set([
  "run out",
  "obstructing the field",
  "hit the ball twice",
  "handled the ball",
  "retired hurt",
  "retired not out",
  "retired out",
  "timed out",
]);
export const CAUGHT = new Set(["caught", "caught and bowled"]);

// Why this delivery cannot be in this innings, as a sentence, or null.
export function impossibleBall(state, innings, body) {
  const name = (key) => nameOf(state, null, key);
  const { striker, non_striker, bowler, extras = {} } = body;
  if (striker === non_striker) return "One batter cannot stand at both ends.";
  const side = state.teams[innings.team];
  const field = state.teams[1 - innings.team];
  for (const key of [striker, non_striker]) {
    const batter = innings.batting.get(key);
    if (batter?.out) return `${name(key)} is already out.`;
    if (batter?.state === "absent") return `${name(key)} is absent.`;
    if (side.players.size && !side.players.has(key)) return `${name(key)} does not play for ${side.name}.`;
    if (key === innings.striker || key === innings.non_striker) continue;
    const staying = [innings.striker, innings.non_striker].find(
      (each) => each && each !== striker && each !== non_striker && innings.batting.get(each)?.seen,
    );
    if (staying) return `${name(staying)} is still in: say first how the innings ended.`;
  }
  if (field.players.size && !innings.bowling.has(bowler) && !field.players.has(bowler))
    return `${name(bowler)} does not play for ${field.name}.`;
  if (innings.suspended.has(bowler)) return `${name(bowler)} was taken off and cannot bowl again in this innings.`;
  const { wides = 0, noballs = 0, byes = 0, legbyes = 0 } = extras;
  if (wides && noballs) return "A ball is a wide or a no-ball, never both: it is a no-ball.";
  if (wides && (body.bat || byes || legbyes)) return "All runs off a wide are wides.";
  if (body.bat && (byes || legbyes)) return "Runs off the bat and byes cannot come off one ball.";
  for (const wicket of body.wickets ?? []) {
    if (innings.batting.get(wicket.player)?.out) return `${name(wicket.player)} is already out.`;
  }
  return null;
}

// What the edition of the Laws and the playing conditions do not let be, as a sentence, or null.
export function unlawfulBall(state, innings, body) {
  const { noballs, byes, legbyes } = body.extras ?? {};
  if (noballs && (byes || legbyes) && !lawsOf(state).byesOffANoBall)
    return "Byes off a no-ball were runs of no-balls until October 2017.";
  if (!body.wickets?.length && ![undefined, body.striker, body.non_striker].includes(body.next))
    return "Who faces next is one of the two at the wicket.";
  for (const { kind } of body.wickets ?? []) {
    if (innings.free_hit && !OFF_A_NO_BALL.has(kind)) return `Nobody can be ${kind} off a free hit.`;
    if (kind === "handled the ball" && !lawsOf(state).handledTheBall)
      return "Handling the ball is obstructing the field, since October 2017.";
    if (CAUGHT.has(kind) && (body.next ?? "new") !== "new" && lawsOf(state).newBatterFaces)
      return "After a catch the new batter faces, since October 2022.";
  }
  return null;
}
