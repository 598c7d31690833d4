// The winning hit: what still counts of the ball that wins a match, and that none follows it (Law 16.6), as
// cricket/engine/winning.py. Pure.
import { DEFAULTS, targetOf } from "./reading.js";

const NOT_OUT = new Set(["retired hurt", "retired not out"]);
const runs = (n) => `${n} ${n === 1 ? "run" : "runs"}`;

// Why this new delivery goes on after the match was won, as a sentence, or null.
export function pastTheWin(state, innings, body) {
  const target = targetOf(state, innings);
  if (target === null || asItEnded(state, innings, target)) return null;
  let needed = target - innings.runs;
  if (needed <= 0) return "The target is reached: no ball follows.";
  const settings = state.settings ?? DEFAULTS;
  const { wides = 0, noballs = 0, byes = 0, legbyes = 0 } = body.extras ?? {};
  const called = wides ? settings.wide : noballs ? settings.no_ball : 0;
  const ran = body.bat + wides + noballs + byes + legbyes - called;
  if (called + ran < needed) return null;
  const falls = (body.wickets ?? []).some(({ kind }) => !NOT_OUT.has(kind));
  if (called >= needed && (ran || falls))
    return `The ${wides ? "wide" : "no-ball"} won the match: nothing else of that ball counts.`;
  if (falls) return "The runs of that ball won the match: no wicket falls after them.";
  needed -= called;
  if (ran <= needed || isBoundary(body, ran) || (ran > 4 && ran - 4 < needed)) return null;
  return `Only ${runs(needed)} can be run: the winning run ends the match.`;
}

// A file can state the target by which rain ended the match later, and not the one played for.
const asItEnded = (state, innings, target) =>
  innings.target_at_start && !innings.super_over && target <= state.innings[0].runs;

const isBoundary = (body, ran) => !body.non_boundary && (ran === 4 || (ran === 6 && body.bat === 6));
