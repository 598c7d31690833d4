// What a state of a match says: who is due, who may bat and bowl, targets, rates and names. Reads what fold.js made,
// and changes nothing.

export const DEFAULTS = {
  format: "T20",
  overs: 20,
  balls_per_over: 6,
  balls_per_end: 6,
  no_ball: 1,
  wide: 1,
  innings: 2,
  players: 11,
  bowler_limit: null,
  min_overs: null,
  laws: null,
  date: null,
  free_hit: null,
  part_overs: "whole",
  teams: ["Home", "Away"],
  short: null,
};

export const current = (state) => {
  const last = state.innings.at(-1);
  return last && !last.ended ? last : null;
};

export function ballsOf(overs, perOver) {
  const [whole, part] = String(overs).split(".");
  return Number(whole) * perOver + Number(part || 0);
}

export function inOvers(balls, perOver) {
  const rest = balls % perOver;
  return rest ? `${Math.floor(balls / perOver)}.${rest}` : String(balls / perOver);
}

export const openOverOf = (innings) =>
  innings.overs.length && !innings.overs.at(-1).complete ? innings.overs.at(-1) : null;
const done = (innings) => innings.overs.length - (openOverOf(innings) ? 1 : 0);

// Balls as overs count them; an over with all its balls counts before it is called.
export function ballsGone(innings) {
  if (innings.as_card) return innings.card_balls;
  const over = openOverOf(innings);
  return done(innings) * innings.per_over + (over ? Math.min(over.legal, innings.per_over) : 0);
}

export const oversText = (innings) => inOvers(ballsGone(innings), innings.per_over);
export const bowlerBalls = (innings, bowler) => bowler.whole * innings.per_over + bowler.loose;
export const bowlerOvers = (innings, bowler) => inOvers(bowlerBalls(innings, bowler), innings.per_over);
export const limitBalls = (innings) =>
  innings.overs_limit === null ? null : ballsOf(innings.overs_limit, innings.per_over);

export function ballsLeft(innings) {
  const limit = limitBalls(innings);
  return limit === null ? null : Math.max(0, limit - ballsGone(innings));
}

export const oversComplete = (innings) => limitBalls(innings) !== null && ballsGone(innings) >= limitBalls(innings);

// How many may still begin an innings; whoever left the match before being out gives the place to the replacement.
export function placesLeft(innings) {
  const { replaced } = innings.side;
  return (
    innings.places - [...innings.batting.values()].filter((batter) => batter.out || !replaced.has(batter.key)).length
  );
}

// How many are still to bat. An unknown side has all its players.
function toCome({ side, barred, batting }, left) {
  if (!side.players.size) return left;
  const fresh = [...side.players.keys()].filter(
    (key) => !batting.has(key) && !side.replaced.has(key) && !barred.has(key),
  );
  return Math.max(0, Math.min(left, fresh.length));
}

// Are the wickets down (Law 13.3.1), or is nobody left to come in (13.3.2)? Whoever retired hurt or not out may come
// back, and is not waited for. An innings that has ended stays as it was then.
export function allOut(innings) {
  if (innings.ended) return innings.was_all_out;
  if (innings.wickets >= innings.limit) return true;
  if (innings.striker && innings.non_striker) return false;
  const here = [...innings.batting.values()].filter(
    ({ key, state, retired }) => state === "in" || (state === "retired" && !retired && !innings.side.replaced.has(key)),
  );
  return here.length + toCome(innings, placesLeft(innings)) < 2;
}

export function overDue(innings) {
  const over = openOverOf(innings);
  return Boolean(over && over.legal >= innings.per_over);
}

// Why this innings is over by the Laws, or null: the scorer confirms it, or says that another ball is to come.
export function inningsDue(state, innings) {
  const target = targetOf(state, innings);
  if (target !== null && innings.runs >= target) return "target reached";
  if (allOut(innings)) return "all out";
  return oversComplete(innings) ? "overs complete" : null;
}

// Who may come in: not in, not out, not absent, not replaced. The retired come last, as those who return.
export function canBat(state, innings = current(state)) {
  if (!innings) return [];
  const team = state.teams[innings.team];
  const room = placesLeft(innings) > 0;
  const fresh = [];
  const back = [];
  for (const player of team.players.values()) {
    if (
      team.replaced.has(player.key) ||
      innings.barred.has(player.key) ||
      [innings.striker, innings.non_striker].includes(player.key)
    )
      continue;
    const batter = innings.batting.get(player.key);
    if (batter ? batter.state === "in" && !batter.seen : room) fresh.push({ ...player, returns: false });
    else if (batter?.state === "retired") back.push({ ...player, returns: true });
  }
  return [...fresh, ...back];
}

// Super overs come in pairs; where there are several they are numbered.
export function superOverName(state, innings) {
  const overs = state.innings.filter((each) => each.super_over);
  return overs.length > 2 ? `super over ${Math.floor(overs.indexOf(innings) / 2) + 1}` : "super over";
}

// The super overs that this side has batted before: who bowled in the last of them rests.
export function earlierSupers(state, innings) {
  return innings.super_over
    ? state.innings.slice(0, innings.index).filter((each) => each.super_over && each.team === innings.team)
    : [];
}

// Law 14: the lead after both first innings that lets a side enforce the follow-on.
export function followOnLead(settings) {
  const days = settings.days ?? (settings.format === "Test" ? 5 : 4);
  return days >= 5 ? 200 : days >= 3 ? 150 : days === 2 ? 100 : 75;
}

// Whether the side that batted second may be made to follow on, also after it declared.
export function followOnPossible(state) {
  const settings = state.settings ?? DEFAULTS;
  const main = state.innings.filter((each) => !each.super_over);
  return (
    settings.innings === 4 &&
    main.length === 2 &&
    main[1].ended !== null &&
    main[0].runs - main[1].runs >= followOnLead(settings)
  );
}

// The innings that Penalty runs to this side belong to (Law 41.18): its last one, in a super over its last of the same
// pair; where it has none yet, the next to begin.
export function penaltyInnings(state, team) {
  const last = state.innings.at(-1);
  const supers = state.innings.filter((each) => each.super_over);
  const among = last?.super_over ? supers.slice(Math.floor((supers.length - 1) / 2) * 2) : state.innings;
  return among.filter((each) => each.team === team).at(-1)?.index ?? state.innings.length;
}

export function rate(runs, balls, perOver) {
  return balls ? (runs * perOver) / balls : null;
}

export function chase(state, innings = current(state)) {
  if (!innings) return null;
  const target = targetOf(state, innings);
  if (target === null) return null;
  const needed = Math.max(0, target - innings.runs);
  const left = ballsLeft(innings);
  return { target, needed, left, rate: left ? (needed * innings.per_over) / left : null };
}

export function lead(state) {
  const innings = state.innings.at(-1);
  if (!innings) return 0;
  const sum = (team) =>
    state.innings.filter((each) => !each.super_over && each.team === team).reduce((all, each) => all + each.runs, 0);
  return sum(innings.team) - sum(1 - innings.team);
}

// The target of an innings: given, or what the sides have made. Null where nobody chases.
export function targetOf(state, innings) {
  if (innings.target !== null) return innings.target;
  if (innings.super_over) {
    const overs = state.innings.filter((each) => each.super_over);
    const at = overs.indexOf(innings);
    return at % 2 ? overs[at - 1].runs + 1 : null;
  }
  const main = state.innings.filter((each) => !each.super_over);
  if (innings !== main.at(-1) || main.length < (state.settings ?? DEFAULTS).innings) return null;
  const sum = (list) => list.reduce((all, each) => all + each.runs, 0);
  return (
    sum(main.filter((each) => each.team !== innings.team)) -
    sum(main.slice(0, -1).filter((each) => each.team === innings.team)) +
    1
  );
}

export function nameOf(state, team, key) {
  return state.names.get(key) ?? key;
}

// Runs that were run, as far as they tell who changed ends: boundaries are even, a wide's or no-ball's own run is not
// run.
export function runsRun(settings, body) {
  const extras = body.extras ?? {};
  return (
    (body.bat ?? 0) +
    (extras.byes ?? 0) +
    (extras.legbyes ?? 0) +
    (extras.wides ? extras.wides - (settings.wide ?? 1) : 0) +
    (extras.noballs ? extras.noballs - (settings.no_ball ?? 1) : 0)
  );
}

// A wicket by its own name: a catch by the bowler is caught and bowled, however it was entered (Law 33).
export function asTaken(wicket, bowler) {
  const [catcher] = (wicket.kind === "caught" && wicket.fielders) || [];
  const mine = bowler && catcher?.key === bowler && !catcher.substitute;
  return mine ? { kind: "caught and bowled", player: wicket.player } : wicket;
}

export function howOut(state, innings, wicket, ball) {
  const bowler = ball ? lastName(nameOf(state, 1 - innings.team, ball.bowler)) : "";
  const fielders = (wicket.fielders ?? []).map((each) => {
    const name = each.key ? nameOf(state, 1 - innings.team, each.key) : each.name;
    return `${each.substitute ? "sub " : ""}${name ? lastName(name) : "?"}`;
  });
  switch (wicket.kind) {
    case "caught":
      return `c ${fielders[0] ?? "?"} b ${bowler}`;
    case "caught and bowled":
      return `c & b ${bowler}`;
    case "bowled":
      return `b ${bowler}`;
    case "lbw":
      return `lbw b ${bowler}`;
    case "stumped":
      return `st ${fielders[0] ?? "?"} b ${bowler}`;
    case "hit wicket":
      return `hit wicket b ${bowler}`;
    case "run out":
      return fielders.length ? `run out (${fielders.join("/")})` : "run out";
    default:
      return wicket.kind;
  }
}

export function lastName(name) {
  return String(name).trim().split(/\s+/).at(-1);
}
