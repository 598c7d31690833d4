// The state of a match as the fold of its events: the same rules as cricket/engine/scoring.py, for the scorer's
// console, which must show a ball before the server has it. Pure: no DOM, no clock; events in, plain objects and Maps
// out. tests/cricket/test_scorer_fold.py compares the two.
import { DEFAULTS, allOut, asTaken, ballsOf, current, howOut, nameOf, oversComplete, targetOf } from "./reading.js";
import { effective } from "./effective.js";
import {
  BOWLERS,
  HURT,
  NOT_WICKETS,
  arrive,
  deliver,
  endInnings,
  endOver,
  fall,
  part,
  remove,
  rename,
  stepAside,
} from "./deliveries.js";
import { OVER, impossibleBall, unlawfulBall } from "./impossible.js";

export { effective, undoneKeys } from "./effective.js";
export * from "./editions.js";
export * from "./bowling.js";
export * from "./reading.js";

// `played` is the day the match began, "2031-01-31": by it the Laws are known where no setting says which.
export function fold(events, played = null) {
  const state = {
    played,
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
    unlawful: [],
    hands: new Map(),
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
  return { name, short: name, players: new Map(), replaced: new Set(), joined: new Set() };
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
    const { players } = state.teams[innings.team];
    const strange = (key) => (players.size && !players.has(key)) || innings.batting.get(key)?.state === "absent";
    if ((pair[0] && pair[0] === pair[1]) || pair.some((key) => key && strange(key))) return;
    for (const key of [innings.striker, innings.non_striker]) {
      const batter = key && !pair.includes(key) ? innings.batting.get(key) : null;
      if (batter?.state !== "in") continue;
      if (batter.seen) return;
      // Whoever has not been there for a ball may be exchanged, and leaves no trace on the card.
      remove(innings, key);
    }
    for (const key of pair) {
      if (!key) continue;
      const batter = arrive(state, innings, key);
      if (batter.state === "retired") Object.assign(batter, { state: "in", retired: null });
    }
    [innings.striker, innings.non_striker] = pair;
    part(innings, pair);
  },
  bowler(state, body) {
    const innings = current(state);
    if (!innings) return;
    innings.bowler = body.bowler;
    innings.bowler_set = true;
  },
  suspension(state, body) {
    const innings = current(state);
    if (!innings) return;
    takeOff(innings, body.player, body.reason);
    if (innings.bowler === body.player) innings.bowler = null;
  },
  delivery(state, body, event) {
    const innings = current(state);
    if (!innings) return;
    const why = impossibleBall(state, innings, body);
    if (why) state.problems.push({ key: event.key, why });
    const forbidden = unlawfulBall(state, innings, body);
    if (forbidden) state.unlawful.push({ key: event.key, why: forbidden });
    deliver(state, innings, body, event, !forbidden && innings.free_hit);
  },
  wicket(state, body, event) {
    const innings = current(state);
    if (!innings) return;
    const over = innings.overs.at(-1);
    fall(state, innings, body, null, over ? `${over.number}.${over.legal}` : "0.0", event);
  },
  replacement(state, body) {
    if (body.in === body.out) return;
    const team = state.teams[body.team];
    if (!team.players.has(body.in))
      team.players.set(body.in, { key: body.in, name: body.name ?? state.names.get(body.in) ?? body.in });
    state.names.set(body.in, team.players.get(body.in).name);
    team.replaced.delete(body.in);
    const innings = current(state);
    if (body.type === "match") {
      team.joined.add(body.in);
      if (body.out) team.replaced.add(body.out);
    } else if (innings && body.role === "bowler") {
      innings.bowler = body.in;
      if (body.out && body.reason.startsWith(EXCLUDED)) takeOff(innings, body.out, body.reason.slice(EXCLUDED.length));
    }
    // A batter's replacement in the role alone is a temporary retirement (Cricsheet): the one who left may come back.
    if (innings && innings.team === body.team && body.role !== "bowler" && body.out) {
      const hurt = HURT.some((word) => body.reason.toLowerCase().includes(word));
      const retired = hurt ? "retired hurt" : "retired not out";
      stepAside(innings, body.out, body.type === "match" ? retired : null);
    }
  },
  absent(state, body) {
    const innings = current(state);
    if (!innings || innings.batting.has(body.player)) return;
    innings.absent.push(body.player);
    arrive(state, innings, body.player).state = "absent";
  },
  penalty(state, body, event) {
    // The fielding side's go to its next innings, if it has not batted yet (Law 41.18); a target or par score that was
    // given to the other side before rises with them.
    if (state.ended) state.problems.push({ key: event.key, why: OVER });
    if (body.innings < state.innings.length) {
      const innings = state.innings[body.innings];
      award(innings, body.runs);
      raiseTargets(state, innings, body.runs);
    } else if (body.innings === state.innings.length && !state.ended) state.owed.push(body);
  },
  powerplay(state, body) {
    (current(state) ?? state.innings.at(-1))?.powerplays.push(body);
  },
  revise(state, body, event) {
    if (state.ended) state.problems.push({ key: event.key, why: OVER });
    const index = body.innings ?? null;
    if (body.method) state.method = body.method;
    const innings = index === null ? current(state) : (state.innings[index] ?? null);
    if (!innings) {
      // Entered between innings: it holds for the one that starts next.
      state.coming = { ...state.coming, ...body };
      return;
    }
    if ("overs" in body) innings.overs_limit = body.overs;
    if ("target" in body) Object.assign(innings, { target: body.target, target_at_start: false });
    if ("par" in body) innings.par = body.par;
    if ("bowler_limit" in body) innings.bowler_limit = body.bowler_limit;
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
  shot(state, body) {
    const ball = findBall(state, body.of);
    if (!ball) return;
    const { x = null, y = null, length = null } = { ...ball.shot, ...body };
    ball.shot = x === null && length === null ? null : { x, y, length };
    if (body.hand) state.hands.set(body.hand.player, body.hand.hand);
  },
};

function findBall(state, key) {
  for (let i = state.innings.length - 1; i >= 0; i--) {
    const { overs } = state.innings[i];
    for (let n = overs.length - 1; n >= 0; n--) {
      const ball = overs[n].balls.find((each) => each.key === key);
      if (ball) return ball;
    }
  }
  return null;
}

// How a file says that the umpires took a bowler off.
const EXCLUDED = "excluded - ";

function takeOff(innings, key, reason) {
  if (!innings.suspended.has(key)) innings.suspended.set(key, reason);
}
function award(innings, runs) {
  if (innings.ended || allOut(innings) || oversComplete(innings)) innings.late_penalties += runs;
  innings.extras.penalty += runs;
  innings.runs += runs;
}

function raiseTargets(state, innings, runs) {
  const last = state.innings.at(-1);
  if (innings !== last && innings.team !== last.team && innings.super_over === last.super_over) {
    if (last.target !== null) last.target += runs;
    if (last.par !== null) last.par += runs;
  }
  if (innings.super_over) return;
  for (const name of ["target", "par"]) {
    if (name in state.coming && state.coming[name] !== null)
      state.coming = { ...state.coming, [name]: state.coming[name] + runs };
  }
}

function newInnings(state, body) {
  const settings = state.settings ?? DEFAULTS;
  const coming = body.super_over ? {} : state.coming;
  if (!body.super_over) state.coming = {};
  const overs = body.target?.overs ?? coming.overs ?? (settings.overs ? String(settings.overs) : null);
  const earlier = state.innings.filter((each) => body.super_over && each.super_over && each.team === body.team);
  return {
    index: state.innings.length,
    team: body.team,
    side: state.teams[body.team],
    places: settings.players,
    // Who may not bat: out in an earlier super over.
    barred: new Set(
      earlier.flatMap((each) => [...each.batting.values()].filter(({ out }) => out).map(({ key }) => key)),
    ),
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
    target_at_start: Boolean(body.target?.runs),
    par: coming.par ?? null,
    late_penalties: 0,
    bowler_limit: coming.bowler_limit ?? null,
    suspended: new Map(),
    overs_limit: body.super_over ? "1" : overs,
    powerplays: [],
    reviews: [],
    super_over: Boolean(body.super_over),
    follow_on: followsOn(state, body),
    declared: Boolean(body.declared),
    forfeited: Boolean(body.forfeited),
    absent: [],
    ended: null,
    was_all_out: false,
    striker: null,
    non_striker: null,
    bowler: null,
    free_hit: false,
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
      const taken = asTaken(line, bowler);
      batter.state = "out";
      batter.out = {
        kind: taken.kind,
        bowler,
        fielders: line.fielders ?? [],
        text: howOut(state, innings, taken, bowler ? { bowler } : null),
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
  innings.was_all_out = Boolean(body.all_out) || allOut(innings);
  innings.ended = innings.declared
    ? "declared"
    : innings.was_all_out
      ? "all out"
      : oversComplete(innings)
        ? "overs complete"
        : "closed";
}
