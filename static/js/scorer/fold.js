// The state of a match as the fold of its events: the same rules as cricket/engine/scoring.py, for the scorer's
// console, which must show a ball before the server has it. Pure: no DOM, no clock; events in, plain objects and Maps
// out. tests/cricket/test_scorer_fold.py compares the two.
import {
  DEFAULTS,
  allOut,
  ballsOf,
  current,
  howOut,
  nameOf,
  openOverOf,
  oversComplete,
  runsRun,
  targetOf,
} from "./reading.js";
import { effective } from "./effective.js";
import { impossibleBall } from "./impossible.js";

export { effective, undoneKeys } from "./effective.js";
export * from "./reading.js";

const NOT_WICKETS = new Set(["retired hurt", "retired not out"]);
const BOWLERS = new Set(["bowled", "caught", "caught and bowled", "lbw", "stumped", "hit wicket"]);

export function fold(events) {
  const state = {
    settings: null,
    teams: [side("Home"), side("Away")],
    toss: null,
    officials: null,
    innings: [],
    break_: null,
    day: null,
    session: null,
    ended: null,
    player_of_match: [],
    notes: [],
    problems: [],
    names: new Map(),
    coming: {},
    owed: [],
    method: null,
    seq: events.length ? (events.at(-1).seq ?? events.length) : 0,
  };
  for (const event of effective(events)) {
    const apply = APPLY[event.kind];
    if (apply) apply(state, event.body, event);
  }
  return state;
}

function side(name) {
  return { name, short: name, players: new Map(), replaced: new Set() };
}

const APPLY = {
  setup(state, body) {
    if (state.innings.length) return;
    state.settings = { ...DEFAULTS, balls_per_end: body.balls_per_over ?? DEFAULTS.balls_per_over, ...body };
    state.teams.forEach((team, i) => {
      team.name = body.teams[i];
      team.short = body.short?.[i] ?? team.name.slice(0, 3).toUpperCase();
    });
  },
  lineup(state, body) {
    const team = state.teams[body.team];
    team.players = new Map(body.players.map((player) => [player.key, { ...player }]));
    for (const player of body.players) state.names.set(player.key, player.name);
    for (const innings of state.innings) rename(state, innings);
  },
  toss(state, body) {
    state.toss = body;
  },
  officials(state, body) {
    state.officials = body;
  },
  innings_start(state, body) {
    state.break_ = null;
    const innings = newInnings(state, body);
    state.innings.push(innings);
    if (body.forfeited) innings.ended = "forfeited";
    for (const body_ of state.owed) award(innings, body_.runs);
    state.owed = [];
  },
  batters(state, body) {
    const innings = current(state);
    if (!innings) return;
    const pair = [body.striker ?? null, body.non_striker ?? null];
    for (const key of [innings.striker, innings.non_striker]) {
      // Whoever has not been there for a ball may be exchanged, and leaves no trace on the card.
      const batter = key && !pair.includes(key) ? innings.batting.get(key) : null;
      if (batter?.state === "in" && !batter.seen) remove(innings, key);
    }
    for (const key of pair) {
      if (!key) continue;
      const batter = arrive(state, innings, key);
      if (batter.state === "retired") Object.assign(batter, { state: "in", retired: null });
    }
    [innings.striker, innings.non_striker] = pair;
  },
  bowler(state, body) {
    const innings = current(state);
    if (!innings) return;
    innings.bowler = body.bowler;
    innings.bowler_set = true;
  },
  delivery(state, body, event) {
    const innings = current(state);
    if (!innings) return;
    const why = impossibleBall(state, innings, body);
    if (why) state.problems.push({ key: event.key, why });
    deliver(state, innings, body, event);
  },
  wicket(state, body, event) {
    const innings = current(state);
    if (!innings) return;
    const over = innings.overs.at(-1);
    fall(state, innings, body, null, over ? `${over.number}.${over.legal}` : "0.0", event);
  },
  replacement(state, body) {
    const team = state.teams[body.team];
    if (!team.players.has(body.in))
      team.players.set(body.in, { key: body.in, name: body.name ?? state.names.get(body.in) ?? body.in });
    state.names.set(body.in, team.players.get(body.in).name);
    team.replaced.delete(body.in);
    const innings = current(state);
    if (body.type === "match") {
      if (body.out) team.replaced.add(body.out);
    } else if (innings && body.role === "bowler") innings.bowler = body.in;
    // A batter's replacement is a temporary retirement (Cricsheet): the one who left may come back.
    if (innings && innings.team === body.team && body.role !== "bowler" && body.out) stepAside(innings, body.out);
  },
  absent(state, body) {
    const innings = current(state);
    if (!innings || innings.batting.has(body.player)) return;
    innings.absent.push(body.player);
    arrive(state, innings, body.player).state = "absent";
  },
  penalty(state, body) {
    // The fielding side's go to its next innings, if it has not batted yet (Law 41.18).
    if (body.innings < state.innings.length) award(state.innings[body.innings], body.runs);
    else if (body.innings === state.innings.length && !state.ended) state.owed.push(body);
  },
  powerplay(state, body) {
    (current(state) ?? state.innings.at(-1))?.powerplays.push(body);
  },
  revise(state, body) {
    const index = body.innings ?? null;
    if (body.method) state.method = body.method;
    const innings = index === null ? current(state) : (state.innings[index] ?? null);
    if (!innings) {
      // Entered between innings: it holds for the one that starts next.
      state.coming = { ...state.coming, ...body };
      return;
    }
    if ("overs" in body) innings.overs_limit = body.overs;
    if ("target" in body) innings.target = body.target;
    if ("par" in body) innings.par = body.par;
  },
  break(state, body) {
    state.break_ = body;
  },
  resume(state, body) {
    state.break_ = null;
    if (body.day) state.day = body.day;
    if (body.session) state.session = body.session;
  },
  over_end(state) {
    const innings = current(state);
    const over = innings?.overs.at(-1);
    if (over && !over.complete) endOver(state, innings, over);
  },
  innings_end(state, body) {
    const innings = current(state);
    if (!innings) return;
    endInnings(state, innings, body.reason);
  },
  innings_card(state, body) {
    const innings = newInnings(state, body);
    state.innings.push(innings);
    fillCard(state, innings, body);
  },
  match_end(state, body) {
    if (state.ended) return;
    const innings = current(state);
    if (innings) {
      const target = targetOf(state, innings);
      const reason = allOut(innings)
        ? "all out"
        : oversComplete(innings)
          ? "overs complete"
          : body.reason || "match ended";
      endInnings(state, innings, target !== null && innings.runs >= target ? "target reached" : reason);
    }
    state.ended = body;
    state.break_ = null;
    state.player_of_match = body.player_of_match ?? [];
  },
  note(state, body, event) {
    state.notes.push({ ...body, key: event.key });
  },
};

function award(innings, runs) {
  innings.extras.penalty += runs;
  innings.runs += runs;
}

function newInnings(state, body) {
  const settings = state.settings ?? DEFAULTS;
  const coming = body.super_over ? {} : state.coming;
  if (!body.super_over) state.coming = {};
  const overs = body.target?.overs ?? coming.overs ?? (settings.overs ? String(settings.overs) : null);
  return {
    index: state.innings.length,
    team: body.team,
    runs: 0,
    wickets: 0,
    legal: 0,
    deliveries: 0,
    extras: { byes: 0, legbyes: 0, wides: 0, noballs: 0, penalty: 0 },
    batting: new Map(),
    bowling: new Map(),
    overs: [],
    fow: [],
    partnerships: [],
    partnership: null,
    target: body.target?.runs ?? coming.target ?? null,
    par: coming.par ?? null,
    overs_limit: body.super_over ? "1" : overs,
    powerplays: [],
    reviews: [],
    super_over: Boolean(body.super_over),
    follow_on: followsOn(state, body),
    declared: Boolean(body.declared),
    forfeited: Boolean(body.forfeited),
    absent: [],
    ended: null,
    striker: null,
    non_striker: null,
    bowler: null,
    as_card: false,
    card_balls: 0,
    per_over: settings.balls_per_over,
    per_end: settings.balls_per_end,
    limit: body.super_over ? 2 : settings.players - 1,
  };
}

function followsOn(state, body) {
  const main = state.innings.filter((each) => !each.super_over);
  return !body.super_over && main.length === 2 && main[1].team === body.team;
}

function arrive(state, innings, key) {
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

function remove(innings, key) {
  innings.batting.delete(key);
  [...innings.batting.values()].forEach((batter, i) => {
    batter.position = i + 1;
  });
}

function stepAside(innings, out) {
  const batter = innings.batting.get(out);
  if (batter?.state !== "in") return;
  batter.state = "retired";
  vacate(innings, out);
  innings.partnership = null;
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
  if (innings.partnership && !pair.every((key) => innings.partnership.pair.includes(key))) innings.partnership = null;
}

function rename(state, innings) {
  for (const line of [...innings.batting.values(), ...innings.bowling.values()])
    line.name = nameOf(state, null, line.key);
}

function deliver(state, innings, body, event) {
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
  if (!over.bowlers.includes(body.bowler)) over.bowlers.push(body.bowler);
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
    wickets: body.wickets ?? [],
    review: body.review ?? null,
    non_boundary: Boolean(body.non_boundary),
    body,
    at: event.at,
  };
  for (const wicket of ball.wickets) fall(state, innings, wicket, ball, label, event);
  ball.score = innings.runs;
  ball.down = innings.wickets;
  over.balls.push(ball);
  if (body.review) innings.reviews.push({ ...body.review, label });
  innings.bowler = body.bowler;
  state.break_ = null;

  // Run out is mostly at the end that the batter ran to, so the run that failed changes the ends too; the scorer may
  // say otherwise.
  const failed = ball.wickets[0]?.kind === "run out" ? 1 : 0;
  if ((runsRun(state.settings ?? DEFAULTS, body) + failed) % 2)
    [innings.striker, innings.non_striker] = [innings.non_striker, innings.striker];
  if (ball.wickets.length && body.next) {
    const staying = [innings.striker, innings.non_striker].filter(Boolean);
    if (body.next === "new") [innings.striker, innings.non_striker] = [null, staying[0] ?? null];
    else [innings.striker, innings.non_striker] = [body.next, staying.find((key) => key !== body.next) ?? null];
  }
}

// A batter goes: out, or retired and perhaps to come back.
function fall(state, innings, wicket, ball, label, event) {
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

function endOver(state, innings, over) {
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

function endInnings(state, innings, reason) {
  const over = openOverOf(innings);
  if (over && over.legal >= innings.per_over) closeOver(innings, over);
  innings.ended = reason ?? "other";
  innings.declared = reason === "declared";
  innings.forfeited = reason === "forfeited";
  innings.striker = innings.non_striker = innings.bowler = null;
}

// An innings from paper has figures and no balls.
function fillCard(state, innings, body) {
  innings.as_card = true;
  innings.runs = body.runs;
  innings.wickets = body.wickets;
  Object.assign(innings.extras, body.extras ?? {});
  innings.card_balls = innings.legal = ballsOf(body.overs, innings.per_over);
  for (const line of body.batting) {
    const batter = arrive(state, innings, line.player);
    Object.assign(batter, {
      runs: line.runs,
      balls: line.balls ?? 0,
      fours: line.fours ?? 0,
      sixes: line.sixes ?? 0,
      seen: true,
    });
    if (line.kind === "absent hurt") {
      batter.state = "absent";
      innings.absent.push(line.player);
    } else if (NOT_WICKETS.has(line.kind)) Object.assign(batter, { state: "retired", retired: line.kind });
    else if (line.kind && line.kind !== "not out") {
      const bowler = BOWLERS.has(line.kind) ? (line.bowler ?? null) : null;
      batter.state = "out";
      batter.out = {
        kind: line.kind,
        bowler,
        fielders: line.fielders ?? [],
        text: howOut(state, innings, line, bowler ? { bowler } : null),
      };
    }
  }
  for (const line of body.bowling) {
    const balls = ballsOf(line.overs, innings.per_over);
    innings.bowling.set(line.player, {
      key: line.player,
      name: nameOf(state, null, line.player),
      legal: balls,
      runs: line.runs,
      wickets: line.wickets,
      maidens: line.maidens,
      wides: line.wides ?? 0,
      noballs: line.noballs ?? 0,
      wide_balls: 0,
      noball_balls: 0,
      dots: 0,
      whole: Math.floor(balls / innings.per_over),
      loose: balls % innings.per_over,
    });
  }
  innings.fow = (body.fow ?? []).map((line, i) => ({
    wicket: i + 1,
    score: line.score,
    player: line.player,
    label: line.over ?? null,
    kind: innings.batting.get(line.player)?.out?.kind ?? null,
  }));
  innings.ended = innings.declared
    ? "declared"
    : body.all_out || allOut(innings)
      ? "all out"
      : oversComplete(innings)
        ? "overs complete"
        : "closed";
}
