// What cannot be, in the server's sentences (cricket/engine/deliveries.py, scoring.py), so that a scorer without a
// network hears of it early. Only what is cheap and sure: the server stays the judge of the rest. Pure.
import { lawsOf } from "./editions.js";
import { DEFAULTS, allOut, current, nameOf, openOverOf, oversComplete, placesLeft } from "./reading.js";
import { pastTheWin } from "./winning.js";

const NO_RUNS = new Set([
  "bowled",
  "caught",
  "caught and bowled",
  "lbw",
  "stumped",
  "hit wicket",
  "hit the ball twice",
]);
const RETIRED = ["retired hurt", "retired not out"];
export const OFF_A_NO_BALL = new Set([
  ...RETIRED,
  "run out",
  "obstructing the field",
  "hit the ball twice",
  "handled the ball",
  "retired out",
  "timed out",
]);
const OFF_A_WIDE = new Set([
  ...RETIRED,
  "run out",
  "obstructing the field",
  "stumped",
  "hit wicket",
  "handled the ball",
  "retired out",
  "timed out",
]);
export const CAUGHT = new Set(["caught", "caught and bowled"]);
const HANDLED = "Handling the ball is obstructing the field, since October 2017.";
const BETWEEN_BALLS = new Set([...RETIRED, "retired out", "run out", "obstructing the field", "handled the ball"]);
const MOST_RUNS = 8;
const MOST_PENALTY = 30;

// Why this delivery cannot be in this innings, as a sentence, or null; a file is believed where a scorer is not
// (`strict`).
export function impossibleBall(state, innings, body, strict = false) {
  const name = (key) => nameOf(state, null, key);
  const { striker, non_striker, bowler, extras = {}, bat = 0 } = body;
  if (striker === non_striker) return "One batter cannot stand at both ends.";
  const side = state.teams[innings.team];
  const field = state.teams[1 - innings.team];
  for (const key of [striker, non_striker]) {
    const batter = innings.batting.get(key);
    if (batter?.out) return `${name(key)} is already out.`;
    if (batter?.state === "absent") return `${name(key)} is absent.`;
    if (batter?.state !== "in" && side.players.size && !side.players.has(key))
      return `${name(key)} does not play for ${side.name}.`;
    if (key === innings.striker || key === innings.non_striker) continue;
    const staying = [innings.striker, innings.non_striker].find(
      (each) => each && each !== striker && each !== non_striker && innings.batting.get(each)?.seen,
    );
    if (staying) return `${name(staying)} is still in: say first how the innings ended.`;
  }
  if (field.players.size && !innings.bowling.has(bowler) && !field.players.has(bowler))
    return `${name(bowler)} does not play for ${field.name}.`;
  if (innings.suspended.has(bowler)) return suspendedWords(state, bowler);
  if (bat > MOST_RUNS) return `Off the bat come 0 to ${MOST_RUNS} runs, never ${bat}.`;
  return (
    impossibleExtras(state.settings ?? DEFAULTS, bat, extras, strict) ??
    (body.wickets?.length ? impossibleWickets(state, innings, body, extras, strict) : null)
  );
}

function impossibleExtras(settings, bat, extras, strict) {
  const { wides = 0, noballs = 0, byes = 0, legbyes = 0, penalty = 0 } = extras;
  if ([wides, noballs, byes, legbyes].some((runs) => runs > MOST_RUNS + 2))
    return "So many extras off one ball cannot be.";
  // Six and twelve were given for slow overs once.
  if (strict ? ![0, 5, 10].includes(penalty) : penalty > MOST_PENALTY) return "Penalty runs come in fives.";
  if (wides && noballs) return "A ball is a wide or a no-ball, never both: it is a no-ball.";
  if (wides && (bat || byes || legbyes)) return "All runs off a wide are wides.";
  if (byes && legbyes) return "Runs are byes or leg-byes, never both.";
  if (bat && (byes || legbyes)) return "Runs off the bat and byes cannot come off one ball.";
  if ("wides" in extras && wides < settings.wide) return `A wide is worth at least ${settings.wide}.`;
  if ("noballs" in extras && noballs < settings.no_ball)
    return `A no-ball is worth at least ${settings.no_ball} in this match.`;
  return null;
}

// Law 18.8: off a ball on which a batter is out so, only penalties count, a wide's or no-ball's own run among them.
export function scoredAndOut(settings, { bat = 0, extras = {}, wickets = [] }) {
  const scored =
    bat || extras.byes || extras.legbyes || extras.wides > settings.wide || extras.noballs > settings.no_ball;
  const out = scored ? wickets.find(({ kind }) => NO_RUNS.has(kind)) : null;
  return out ? `No runs are scored off a ball on which a batter is out ${out.kind}.` : null;
}

function impossibleWickets(state, innings, body, extras, strict) {
  const { striker, non_striker, wickets, next } = body;
  const gone = new Set();
  for (const { kind, player } of wickets) {
    const name = nameOf(state, null, player);
    if (gone.has(player) || innings.batting.get(player)?.out) return `${name} is already out.`;
    gone.add(player);
    if (NO_RUNS.has(kind) && player !== striker) return `Only the striker can be ${kind}.`;
    // A file names who was timed out or retired elsewhere than at the wicket.
    const elsewhere = kind === "timed out" || (!strict && (kind === "retired out" || RETIRED.includes(kind)));
    if (!elsewhere && player !== striker && player !== non_striker) return `${name} is not at the wicket.`;
    const side = state.teams[innings.team];
    if (kind === "timed out" && side.players.size && !side.players.has(player))
      return `${name} does not play for ${side.name}.`;
    if ("noballs" in extras && !OFF_A_NO_BALL.has(kind)) return `Nobody can be ${kind} off a no-ball.`;
    if ("wides" in extras && !OFF_A_WIDE.has(kind)) return `Nobody can be ${kind} off a wide.`;
  }
  const scored = scoredAndOut(state.settings ?? DEFAULTS, body);
  if (scored) return scored;
  const stays = [striker, non_striker].filter((key) => !gone.has(key));
  if (next && next !== "new" && !stays.includes(next))
    return "Who faces next is a batter who stays in, or the new one.";
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
    if (kind === "handled the ball" && !lawsOf(state).handledTheBall) return HANDLED;
    if (CAUGHT.has(kind) && (body.next ?? "new") !== "new" && lawsOf(state).newBatterFaces)
      return "After a catch the new batter faces, since October 2022.";
  }
  return null;
}

export const OVER = "The match is over: take back its end first.";

// What is refused to a scorer at work, and believed in a file: why this event cannot follow on this state, as a
// sentence, or null.
export function refusal(state, { kind, body }) {
  const ask = ASKED[kind];
  const innings = current(state);
  if (!ask) return null;
  if (AT_ANY_TIME.has(kind)) return ask(state, body);
  if (!innings) return state.ended ? "The match is over." : "No innings is being played.";
  return ask(state, innings, body);
}

const AT_ANY_TIME = new Set(["replacement", "penalty", "revise"]);
const beforeTheEnd = (state) => (state.ended ? OVER : null);

export const isAsked = ({ kind }) => kind in ASKED;

const ASKED = {
  delivery(state, innings, body) {
    return (
      impossibleBall(state, innings, body, true) ??
      refusedBall(state, innings, body) ??
      unlawfulBall(state, innings, body)
    );
  },
  batters(state, innings, { striker, non_striker }) {
    const pair = [striker, non_striker].filter((key) => key !== null && key !== undefined);
    if (pair.length === 2 && striker === non_striker) return "One batter cannot stand at both ends.";
    for (const key of pair) {
      const why = mayNotBat(state, innings, key);
      if (why) return why;
    }
    const staying = [innings.striker, innings.non_striker]
      .map((key) => innings.batting.get(key))
      .find((batter) => batter?.state === "in" && batter.seen && !pair.includes(batter.key));
    return staying ? `${staying.name} is still in: say first how the innings ended.` : null;
  },
  bowler(state, innings, { bowler }) {
    const side = state.teams[1 - innings.team];
    if (side.players.size && !side.players.has(bowler))
      return `${nameOf(state, null, bowler)} does not play for ${side.name}.`;
    if (side.replaced.has(bowler)) return replacedWords(state, bowler);
    return innings.suspended.has(bowler) ? suspendedWords(state, bowler) : null;
  },
  wicket(state, innings, { kind, player }) {
    const why = mayNotBat(state, innings, player);
    if (why) return why;
    const batter = innings.batting.get(player);
    const name = nameOf(state, null, player);
    if (kind === "timed out")
      return batter?.seen && batter.state === "in" ? `${name} is at the wicket and cannot be timed out.` : null;
    if (!BETWEEN_BALLS.has(kind)) return `Nobody can be ${kind} without a ball.`;
    if (batter?.state !== "in") return `${name} is not at the wicket.`;
    return kind === "handled the ball" && !lawsOf(state).handledTheBall ? HANDLED : null;
  },
  absent(state, innings, { player }) {
    return (
      mayNotBat(state, innings, player) ??
      (innings.batting.has(player) ? `${nameOf(state, null, player)} has batted.` : null)
    );
  },
  replacement(state, body) {
    const side = state.teams[body.team];
    if (state.teams[1 - body.team].players.has(body.in))
      return `${nameOf(state, null, body.in)} plays for the other side.`;
    if (body.in === body.out) return "Nobody comes in for themselves.";
    if (body.out && side.players.size && !side.players.has(body.out))
      return `${nameOf(state, null, body.out)} does not play for ${side.name}.`;
    if (side.replaced.has(body.out)) return replacedWords(state, body.out);
    const plays =
      side.joined.has(body.in) || state.innings.some((each) => each.batting.has(body.in) || each.bowling.has(body.in));
    return body.type === "match" && plays && !side.replaced.has(body.in)
      ? `${nameOf(state, null, body.in)} plays already.`
      : null;
  },
  penalty: beforeTheEnd,
  revise: beforeTheEnd,
  over_end(state, innings) {
    return openOverOf(innings) ? null : "No ball of a new over has been bowled.";
  },
};

function refusedBall(state, innings, body) {
  const { striker, non_striker, bowler } = body;
  const side = state.teams[innings.team];
  for (const key of [striker, non_striker]) {
    const why = mayNotComeIn(state, innings, key);
    if (why) return why;
  }
  if (state.teams[1 - innings.team].replaced.has(bowler)) return replacedWords(state, bowler);
  if (allOut(innings)) return `${side.name} are all out.`;
  if (!openOverOf(innings) && oversComplete(innings)) return `The innings has had its ${innings.overs_limit} overs.`;
  return pastTheWin(state, innings, body);
}

function mayNotBat(state, innings, key) {
  const side = state.teams[innings.team];
  const name = nameOf(state, null, key);
  if (side.players.size && !side.players.has(key)) return `${name} does not play for ${side.name}.`;
  const why = mayNotComeIn(state, innings, key);
  if (why) return why;
  const batter = innings.batting.get(key);
  if (batter?.out) return `${name} is already out.`;
  return batter?.state === "absent" ? `${name} is absent.` : null;
}

function mayNotComeIn(state, innings, key) {
  if (innings.side.replaced.has(key)) return replacedWords(state, key);
  if (innings.barred.has(key)) return `${nameOf(state, null, key)} was out in an earlier super over and bats no more.`;
  if (!innings.batting.has(key) && placesLeft(innings) < 1)
    return `${innings.side.name} have had their ${innings.places} batters.`;
  return null;
}

const suspendedWords = (state, key) =>
  `${nameOf(state, null, key)} was taken off and cannot bowl again in this innings.`;
const replacedWords = (state, key) => `${nameOf(state, null, key)} was replaced and takes no more part.`;
