// Events and balls in the words of a scorer. Pure.
import { howOut, lastName, nameOf } from "./fold.js";
import { placeWords } from "./regions.js";

export const many = (n, one, plural = `${one}s`) => `${n} ${String(n) === "1" ? one : plural}`;

export const KINDS = [
  ["caught", "Caught"],
  ["bowled", "Bowled"],
  ["lbw", "LBW"],
  ["run out", "Run out"],
  ["stumped", "Stumped"],
  ["hit wicket", "Hit wicket"],
  ["caught and bowled", "Caught and bowled"],
  ["obstructing the field", "Obstructing the field"],
  ["hit the ball twice", "Hit the ball twice"],
  ["handled the ball", "Handled the ball"],
];

// What stands in the circle of a ball: 4, wd, 2nb, 1lb, W.
export function ballText(ball) {
  const { wides = 0, noballs = 0, byes = 0, legbyes = 0 } = ball.extras;
  if (ball.wickets.some((wicket) => !wicket.kind.startsWith("retired"))) return "W";
  if (wides) return wides > 1 ? `${wides}wd` : "wd";
  if (noballs) return ball.total > noballs ? `${ball.total}nb` : "nb";
  if (byes) return `${byes}b`;
  if (legbyes) return `${legbyes}lb`;
  return ball.total ? String(ball.total) : "•";
}

export function ballKind(ball) {
  if (ball.wickets.some((wicket) => !wicket.kind.startsWith("retired"))) return "wicket";
  if (Object.values(ball.extras).some(Boolean)) return "extra";
  if (ball.bat === 4 && !ball.non_boundary) return "four";
  if (ball.bat === 6 && !ball.non_boundary) return "six";
  return ball.bat ? "" : "dot";
}

// "2 runs", "wide, 5 runs", "no-ball and 4 runs", "1 leg bye", "no run".
export function runsWords(body) {
  const { wides = 0, noballs = 0, byes = 0, legbyes = 0, penalty = 0 } = body.extras ?? {};
  const parts = [];
  if (wides) parts.push(wides > 1 ? `wide, ${many(wides, "run")}` : "wide");
  if (noballs) parts.push(noballs > 1 ? `no-ball (${noballs})` : "no-ball");
  if (body.bat) {
    const kind =
      body.bat === 4 && !body.non_boundary
        ? "four"
        : body.bat === 6 && !body.non_boundary
          ? "six"
          : many(body.bat, "run");
    parts.push(kind);
  }
  if (byes) parts.push(many(byes, "bye"));
  if (legbyes) parts.push(many(legbyes, "leg bye"));
  if (penalty) parts.push(`${penalty} penalty runs`);
  return parts.join(" and ") || "no run";
}

export function ballWords(state, innings, ball) {
  const bowler = lastName(nameOf(state, 1 - innings.team, ball.bowler));
  const striker = lastName(nameOf(state, innings.team, ball.striker));
  const gone = ball.wickets.map(
    (wicket) => `${lastName(nameOf(state, innings.team, wicket.player))} ${howOut(state, innings, wicket, ball)}`,
  );
  const runs = runsWords(ball.body);
  const what = runs === "no run" && gone.length ? gone : [runs, ...gone];
  return `${bowler} to ${striker}, ${ball.free_hit ? "free hit: " : ""}${what.join("; ")}`;
}

const BREAKS = {
  drinks: "Drinks",
  lunch: "Lunch",
  tea: "Tea",
  stumps: "Stumps",
  rain: "Rain",
  "bad light": "Bad light",
  "innings break": "Innings break",
};
export const breakWords = (reason) => BREAKS[reason] ?? reason.charAt(0).toUpperCase() + reason.slice(1);

// An event in a few words, for the undo line and for the list of what waits.
export function eventWords(state, event) {
  const body = event.body ?? {};
  const innings =
    [...state.innings]
      .reverse()
      .find((each) => each.overs.some((over) => over.balls.some(({ key }) => key === event.key || key === body.of))) ??
    state.innings.at(-1);
  const team = innings?.team ?? null;
  const short = (key) => lastName(nameOf(state, null, key));
  switch (event.kind) {
    case "delivery": {
      const label = labelOf(innings, event.key);
      const out = (body.wickets ?? []).map((wicket) => `${short(wicket.player)} ${wicket.kind}`);
      const what = out.length
        ? out.join(", ") + (body.bat || body.extras ? `, ${runsWords(body)}` : "")
        : runsWords(body);
      const striker = lastName(nameOf(state, team, body.striker));
      return `${what}, ${striker} off ${short(body.bowler)}${label ? `, ${label}` : ""}`;
    }
    case "setup":
      return "the set-up of the match";
    case "lineup":
      return `the line-up of ${state.teams[body.team].name}`;
    case "toss":
      return "the toss";
    case "officials":
      return "the officials";
    case "innings_start":
      return `the start of the innings of ${state.teams[body.team].name}`;
    case "batters":
      return `at the crease: ${[body.striker, body.non_striker].filter(Boolean).map(short).join(" and ") || "nobody"}`;
    case "bowler":
      return `${short(body.bowler)} to bowl`;
    case "suspension":
      return `${short(body.player)} taken off (${body.reason})`;
    case "wicket":
      return `${short(body.player)} ${body.kind}`;
    case "replacement":
      return `${body.name ?? short(body.in)} for ${body.out ? short(body.out) : "nobody"}`;
    case "absent":
      return `${short(body.player)} absent hurt`;
    case "penalty":
      return `${body.runs} penalty runs`;
    case "powerplay":
      return `powerplay ${body.from} to ${body.to}`;
    case "revise":
      return "the revised overs and target";
    case "break":
      return `the break: ${breakWords(body.reason).toLowerCase()}`;
    case "resume":
      return "play again";
    case "over_end":
      return "the end of the over";
    case "innings_end":
      return `the end of the innings (${body.reason})`;
    case "innings_card":
      return `the innings of ${state.teams[body.team].name} from paper`;
    case "match_end":
      return "the end of the match";
    case "note":
      return "the note";
    case "shot":
      return shotWords(state, innings, body);
    case "correction": {
      const [change] = body.changes;
      if (body.changes.length === 1 && typeof change.body?.free_hit === "boolean")
        return change.body.free_hit ? "the free hit" : "no free hit";
      return `the correction of ${many(body.changes.length, "entry", "entries")}`;
    }
    case "undo":
      return "the undo";
    default:
      return event.kind;
  }
}

// What was said of a ball: "where 4.3 went (cover)", "the length of 4.3 (good)", "which hand Rao bats with (left)".
function shotWords(state, innings, body) {
  const label = labelOf(innings, body.of) || "a ball";
  const parts = [];
  if ("x" in body) {
    const striker = ballOf(innings, body.of)?.striker;
    const gone = body.x === null ? "taken away" : placeWords(body.x, body.y, state.hands.get(striker));
    parts.push(`where ${label} went (${gone})`);
  }
  if ("length" in body) parts.push(`the length of ${label} (${body.length ?? "taken away"})`);
  const { player, hand } = body.hand ?? {};
  return parts.join(", ") || `which hand ${lastName(nameOf(state, null, player))} bats with (${hand})`;
}

const ballOf = (innings, key) =>
  (innings?.overs ?? []).flatMap((over) => over.balls).find((ball) => ball.key === key) ?? null;

const labelOf = (innings, key) => ballOf(innings, key)?.label ?? "";

export function clockWords(at, zone) {
  return new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });
}
