// One ball at a time: what a delivery, a wicket and the end of an over do to an innings, as
// cricket/engine/deliveries.py. Pure.
import { hasFreeHits } from "./editions.js";
import { DEFAULTS, allOut, asTaken, howOut, nameOf, openOverOf, runsRun } from "./reading.js";

export const NOT_WICKETS = new Set(["retired hurt", "retired not out"]);
export const BOWLERS = new Set(["bowled", "caught", "caught and bowled", "lbw", "stumped", "hit wicket"]);
// Reasons of a replacement for which whoever goes off at the wicket is retired hurt.
export const HURT = ["concussion", "covid", "illness", "injury"];

export function arrive(state, innings, key) {
  let batter = innings.batting.get(key);
  if (!batter) {
    batter = {
      key,
      name: nameOf(state, innings.team, key),
      runs: 0,
      balls: 0,
      fours: 0,
      sixes: 0,
      position: innings.batting.size + 1,
      out: null,
      state: "in",
      retired: null,
      seen: false,
    };
    innings.batting.set(key, batter);
  }
  return batter;
}

export function remove(innings, key) {
  innings.batting.delete(key);
  [...innings.batting.values()].forEach((batter, i) => {
    batter.position = i + 1;
  });
}

// A batter makes way for another without being out: for a while, or retired as Law 25.4 has it. Whoever has not faced
// leaves no trace on the card.
export function stepAside(innings, out, retired) {
  const batter = innings.batting.get(out);
  if (batter?.state !== "in") return;
  vacate(innings, out);
  if (!batter.seen) return remove(innings, out);
  Object.assign(batter, { state: "retired", retired });
  if (retired && innings.partnership) innings.partnership.ended = retired;
  innings.partnership = null;
  return undefined;
}

// The pair at the wicket: a new partnership, or the last where the same two are back before anybody took a place.
function stand(innings, striker, other) {
  const last = innings.partnerships.at(-1);
  if (last && last.ended !== "wicket" && last.pair.includes(striker) && last.pair.includes(other)) {
    last.ended = null;
    innings.partnership = last;
    return;
  }
  innings.partnership = {
    wicket: innings.wickets + 1,
    pair: [striker, other],
    runs: 0,
    balls: 0,
    by: new Map([
      [striker, 0],
      [other, 0],
    ]),
    ended: null,
  };
  innings.partnerships.push(innings.partnership);
}

// The delivery names the pair: it is believed, whatever was predicted.
function takeGuard(innings, facing, other) {
  const pair = [facing.key, other.key];
  for (const key of [innings.striker, innings.non_striker]) {
    const batter = key && !pair.includes(key) ? innings.batting.get(key) : null;
    if (batter?.state !== "in") continue;
    if (batter.seen) batter.state = "retired";
    else innings.batting.delete(key);
  }
  for (const batter of [facing, other]) {
    if (batter.state === "retired") Object.assign(batter, { state: "in", retired: null });
  }
  [innings.striker, innings.non_striker] = pair;
  part(innings, pair);
}

// Another pair is at the wicket: the partnership that stood is not theirs.
export function part(innings, pair) {
  if (innings.partnership && !pair.every((key) => innings.partnership.pair.includes(key))) innings.partnership = null;
}

export function rename(state, innings) {
  for (const line of [...innings.batting.values(), ...innings.bowling.values()])
    line.name = nameOf(state, null, line.key);
  for (const { out } of innings.batting.values())
    if (out) out.text = howOut(state, innings, out, out.bowler ? { bowler: out.bowler } : null);
}

export function deliver(state, innings, body, event, freeHit) {
  const extras = { wides: 0, noballs: 0, byes: 0, legbyes: 0, penalty: 0, ...(body.extras ?? {}) };
  const bat = body.bat ?? 0;
  const legal = !extras.wides && !extras.noballs && !body.uncounted;
  const total = bat + extras.wides + extras.noballs + extras.byes + extras.legbyes + extras.penalty;
  const charged = bat + extras.wides + extras.noballs;
  const facing = arrive(state, innings, body.striker);
  const other = arrive(state, innings, body.non_striker);
  if (
    body.striker !== innings.striker ||
    body.non_striker !== innings.non_striker ||
    facing.state !== "in" ||
    other.state !== "in"
  ) {
    takeGuard(innings, facing, other);
  }
  facing.seen = other.seen = true;
  let bowler = innings.bowling.get(body.bowler);
  if (!bowler) {
    bowler = {
      key: body.bowler,
      name: nameOf(state, null, body.bowler),
      legal: 0,
      runs: 0,
      wickets: 0,
      maidens: 0,
      wides: 0,
      noballs: 0,
      wide_balls: 0,
      noball_balls: 0,
      dots: 0,
      begun: 0,
      whole: 0,
      loose: 0,
    };
    innings.bowling.set(body.bowler, bowler);
  }
  let over = openOverOf(innings);
  if (!over) {
    over = {
      number: innings.overs.length,
      balls: [],
      legal: 0,
      runs: 0,
      wickets: 0,
      charged: 0,
      complete: false,
      maiden: false,
      bowlers: [],
    };
    innings.overs.push(over);
  }
  if (!over.bowlers.includes(body.bowler)) {
    over.bowlers.push(body.bowler);
    bowler.begun += 1;
  }
  if (!innings.partnership) stand(innings, body.striker, body.non_striker);
  const partnership = innings.partnership;

  for (const kind of Object.keys(extras)) innings.extras[kind] += extras[kind];
  bowler.wides += extras.wides;
  bowler.noballs += extras.noballs;
  if (extras.wides) bowler.wide_balls += 1;
  if (extras.noballs) bowler.noball_balls += 1;
  innings.runs += total;
  innings.deliveries += 1;
  over.runs += total;
  over.charged += charged;
  bowler.runs += charged;
  partnership.runs += total;
  if (legal) {
    innings.legal += 1;
    over.legal += 1;
    bowler.legal += 1;
    bowler.loose += 1;
  }
  if (!extras.wides) {
    facing.balls += 1;
    partnership.balls += 1;
  }
  facing.runs += bat;
  partnership.by.set(body.striker, (partnership.by.get(body.striker) ?? 0) + bat);
  if (bat === 4 && !body.non_boundary) facing.fours += 1;
  if (bat === 6 && !body.non_boundary) facing.sixes += 1;
  if (!charged) bowler.dots += 1;

  const label = `${over.number}.${over.legal}`;
  const ball = {
    key: event.key,
    over: over.number,
    label,
    striker: body.striker,
    non_striker: body.non_striker,
    bowler: body.bowler,
    bat,
    extras: body.extras ?? {},
    total,
    legal,
    wickets: (body.wickets ?? []).map((wicket) => asTaken(wicket, body.bowler)),
    review: body.review ?? null,
    non_boundary: Boolean(body.non_boundary),
    free_hit: freeHit,
    shot: null,
    body,
    at: event.at,
  };
  for (const wicket of ball.wickets) fall(state, innings, wicket, ball, label, event);
  ball.score = innings.runs;
  ball.down = innings.wickets;
  over.balls.push(ball);
  if (extras.noballs) innings.free_hit = body.free_hit ?? hasFreeHits(state.settings ?? DEFAULTS, state.played);
  else if (legal) innings.free_hit = false; // a wide leaves it as it was
  if (body.review) innings.reviews.push({ ...body.review, label });
  innings.bowler = body.bowler;
  state.break_ = null;

  // Run out is mostly at the end that the batter ran to, so the run that failed changes the ends too; the scorer may
  // say otherwise.
  const failed = ball.wickets[0]?.kind === "run out" ? 1 : 0;
  if ((runsRun(state.settings ?? DEFAULTS, body) + failed) % 2)
    [innings.striker, innings.non_striker] = [innings.non_striker, innings.striker];
  if (body.next) {
    const staying = [innings.striker, innings.non_striker].filter(Boolean);
    if (body.next === "new" && staying.length < 2) [innings.striker, innings.non_striker] = [null, staying[0] ?? null];
    else if (staying.includes(body.next))
      [innings.striker, innings.non_striker] = [body.next, staying.find((key) => key !== body.next) ?? null];
  }
}

// A batter goes: out, or retired and perhaps to come back.
export function fall(state, innings, wicket, ball, label, event) {
  const batter = arrive(state, innings, wicket.player);
  vacate(innings, wicket.player);
  const standing = innings.partnership ?? innings.partnerships.at(-1) ?? null;
  const closing = standing && standing.pair.includes(wicket.player) ? standing : null;
  if (NOT_WICKETS.has(wicket.kind)) {
    Object.assign(batter, { state: "retired", retired: wicket.kind });
    if (closing) {
      closing.ended = wicket.kind;
      innings.partnership = null;
    }
    return;
  }
  const credited = ball && BOWLERS.has(wicket.kind);
  batter.state = "out";
  batter.out = {
    kind: wicket.kind,
    bowler: credited ? ball.bowler : null,
    fielders: wicket.fielders ?? [],
    text: howOut(state, innings, wicket, ball),
  };
  innings.wickets += 1;
  if (credited) innings.bowling.get(ball.bowler).wickets += 1;
  const over = openOverOf(innings);
  if (over) over.wickets += 1;
  innings.fow.push({
    wicket: innings.wickets,
    score: innings.runs,
    player: wicket.player,
    label,
    kind: wicket.kind,
    key: event.key,
  });
  if (closing) {
    closing.ended = "wicket";
    innings.partnership = null;
  }
}

function vacate(innings, key) {
  if (innings.striker === key) innings.striker = null;
  if (innings.non_striker === key) innings.non_striker = null;
}

export function endOver(state, innings, over) {
  closeOver(innings, over);
  // The bowler of the next over is somebody else, and is asked for.
  innings.bowler = null;
}

function closeOver(innings, over) {
  over.complete = true;
  if (over.bowlers.length === 1) {
    // An over that one bowler bowled alone counts as one, however many balls it had.
    const bowler = innings.bowling.get(over.bowlers[0]);
    bowler.whole += 1;
    bowler.loose -= over.legal;
    if (!over.charged) {
      over.maiden = true;
      bowler.maidens += 1;
    }
  }
  if ((innings.overs.length * innings.per_over) % innings.per_end === 0) {
    [innings.striker, innings.non_striker] = [innings.non_striker, innings.striker];
  }
}

export function endInnings(state, innings, reason) {
  const over = openOverOf(innings);
  if (over && over.legal >= innings.per_over) closeOver(innings, over);
  innings.was_all_out = allOut(innings) || reason === "all out";
  innings.ended = reason ?? "other";
  innings.declared = reason === "declared";
  innings.forfeited = reason === "forfeited";
  innings.striker = innings.non_striker = innings.bowler = null;
}
