// Who may bowl: overs a bowler, overs running, overs that two share, and bowlers whom the umpires take off, as
// cricket/engine/bowling.py. Pure.
import { DEFAULTS, ballsOf, bowlerBalls, current, earlierSupers, inOvers, openOverOf, overDue } from "./reading.js";

// Where overs are lost, a bowler may bowl a fifth of what is left of them (ICC playing conditions 13.9).
const FIFTHS = 5;

// The over under way, or null where none is or it has its balls.
const underWay = (innings) => (overDue(innings) ? null : openOverOf(innings));

// Laws 17.6 and 17.8: nobody who bowled a part of the over before, where the ends changed in between (in The Hundred
// after every second set of five).
function barredBowlers(innings) {
  const now = underWay(innings);
  const finished = innings.overs.length - (now ? 1 : 0);
  return finished && (finished * innings.per_over) % innings.per_end === 0
    ? innings.overs.at(now ? -2 : -1).bowlers
    : [];
}

// {each: overs that everybody may bowl, more: how many bowlers may bowl one more}, or null without a limit.
function quota(state, innings) {
  const { bowler_limit: limit, overs } = state.settings ?? DEFAULTS;
  if (innings.super_over) return null;
  if (innings.bowler_limit !== null) return { each: innings.bowler_limit, more: 0 };
  if (limit === null) return null;
  if (overs && innings.overs_limit !== null && limit === Math.ceil(overs / FIFTHS)) {
    const left = Math.ceil(ballsOf(innings.overs_limit, innings.per_over) / innings.per_over);
    if (left < overs) return { each: Math.floor(left / FIFTHS), more: left % FIFTHS };
  }
  return { each: limit, more: 0 };
}

// What counts as bowled, in balls. A part of an over is a whole one for everybody who bowled in it, or its balls where
// the conditions say so; the over under way is its bowler's to finish, and does not count yet.
function counted(state, innings, bowler) {
  const now = underWay(innings);
  const here = now?.bowlers.includes(bowler.key) ? now : null;
  if ((state.settings ?? DEFAULTS).part_overs === "balls")
    return (
      bowlerBalls(innings, bowler) -
      (here?.balls.filter((ball) => ball.legal && ball.bowler === bowler.key).length ?? 0)
    );
  return (bowler.begun - (here ? 1 : 0)) * innings.per_over;
}

// {most: overs this bowler may bowl, bowled: balls of them that count}, or null without a limit.
function allowance(state, innings, key) {
  const found = quota(state, innings);
  if (!found) return null;
  const whole = found.each * innings.per_over;
  const bowler = innings.bowling.get(key);
  let { more } = found;
  if (more)
    more -= [...innings.bowling.values()].filter(
      (other) => other.key !== key && counted(state, innings, other) > whole,
    ).length;
  return { most: found.each + (more > 0 ? 1 : 0), bowled: bowler ? counted(state, innings, bowler) : 0 };
}

// Whole sets or overs, in the words of the console and of the server.
function allBowled(innings, most) {
  const unit = innings.per_over === 5 ? "set" : "over";
  return most === 1 ? `has bowled the one ${unit} allowed` : `has bowled all ${most} ${unit}s`;
}

// Who may bowl, with what speaks against them in a sentence (the scorer may still choose them: umpires decide) and the
// overs they may still begin, as text, where there is a limit. Who was taken off is not among them.
export function canBowl(state, innings = current(state)) {
  if (!innings) return [];
  const team = state.teams[1 - innings.team];
  const barred = barredBowlers(innings);
  const last = earlierSupers(state, innings).at(-1);
  const now = underWay(innings)?.bowlers ?? [];
  return [...team.players.values()]
    .filter((player) => !team.replaced.has(player.key) && !innings.suspended.has(player.key))
    .map((player) => {
      const { key } = player;
      const allowed = allowance(state, innings, key);
      const rest = allowed ? Math.max(0, allowed.most * innings.per_over - allowed.bowled) : null;
      let warning = "";
      if (rest === 0 && !now.includes(key)) warning = allBowled(innings, allowed.most);
      else if (last?.bowling.has(key)) warning = "bowled the last super over";
      else if (barred.includes(key)) warning = "bowled the last over";
      return {
        ...player,
        bowler: innings.bowling.get(key) ?? null,
        warning,
        left: rest === null ? null : inOvers(rest, innings.per_over),
      };
    });
}
