// What cannot be, in the server's sentences (cricket/engine/deliveries.py), so that a scorer without a network hears of
// it early. Only what is cheap and sure: the server stays the judge of the rest. Pure.
import { nameOf } from "./reading.js";
import { pastTheWin } from "./winning.js";

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
  const { wides = 0, noballs = 0, byes = 0, legbyes = 0 } = extras;
  if (wides && noballs) return "A ball is a wide or a no-ball, never both: it is a no-ball.";
  if (wides && (body.bat || byes || legbyes)) return "All runs off a wide are wides.";
  if (body.bat && (byes || legbyes)) return "Runs off the bat and byes cannot come off one ball.";
  for (const wicket of body.wickets ?? []) {
    if (innings.batting.get(wicket.player)?.out) return `${name(wicket.player)} is already out.`;
  }
  return null;
}

// What the server refuses of a new ball only, since what was entered before stands.
export function unlawfulBall(state, innings, body) {
  return pastTheWin(state, innings, body);
}
