// How two scorers' books stand to each other, told to both: a calm notice above the board that never stands in the way
// of a key. Who is right is for the two people to find out; nothing is changed by itself.
import { button, h, icon, notice } from "./dom.js";
import { ballRow } from "./draw.js";
import { lastName, nameOf } from "./fold.js";
import { openSheet } from "./sheet.js";
import { totals } from "./totals.js";

const WORDS = {
  over_runs: "runs",
  over_wickets: "wickets",
  balls: "legal balls",
  wides: "wides",
  noballs: "no-balls",
  byes: "byes",
  legbyes: "leg byes",
  penalty: "penalty runs",
};
const IN_ALL = { runs: "Runs", wickets: "Wickets", extras: "Extras" };

export function nth(n) {
  const teen = n % 100 > 10 && n % 100 < 14;
  return `${n}${(!teen && ["th", "st", "nd", "rd"][n % 10]) || "th"}`;
}

const setOrOver = (state, place) => (state.innings[place.innings]?.per_over === 5 ? "set" : "over");
const many = (state, place) => `${place.over} ${setOrOver(state, place)}${place.over === 1 ? "" : "s"}`;
const side = (state, place, team) => {
  const before = state.innings.slice(0, place.innings).some((each) => each.team === team);
  return before ? `${state.teams[team].short}, innings ${place.innings + 1}` : state.teams[team].short;
};

// Both sides of one check, as the one who reads it says it: {mine, theirs: "match" | "second", you, other}.
function sides(app, check) {
  const first = app.lock?.name ?? "the match";
  if (check.mine && app.book) return { mine: "second", theirs: "match", you: "you have", other: `${first} has` };
  if (app.queue.token) return { mine: "match", theirs: "second", you: "you have", other: `${check.name} has` };
  return { mine: "match", theirs: "second", you: `${first} has`, other: `${check.name} has` };
}

function lineWords(what, figures) {
  if (figures === null) return "not in";
  if (what === "batter") return `${figures[0]} off ${figures[1]}`;
  if (what === "bowler") return `${figures[2]}/${figures[1]} off ${figures[0]}`;
  return String(figures);
}

// "After 6 overs you have 45/2, Joan Pickersgill has 44/2." and "In the 6th over: runs 7 against 6, wides 1 against 0."
export function differsWords(app, check) {
  const { state } = app;
  const { differs } = check;
  const { mine, theirs, you, other } = sides(app, check);
  const score = (figures) => `${figures.runs}/${figures.wickets}`;
  const team = side(state, differs, differs.match.team);
  const [ours, others] = [score(differs[mine]), score(differs[theirs])];
  const after = `After ${many(state, differs)} (${team}) ${you} ${ours}, ${other} ${others}.`;
  const both = (each, words) =>
    `${words} ${lineWords(each.what, each[mine])} against ${lineWords(each.what, each[theirs])}`;
  const inOver = differs.figures.filter(({ what }) => WORDS[what]).map((each) => both(each, WORDS[each.what]));
  const people = differs.figures
    .filter(({ player }) => player)
    .map((each) => both(each, lastName(nameOf(state, null, each.player))));
  const words = inOver.length ? inOver : people;
  return [after, words.length ? `In the ${nth(differs.over)} ${setOrOver(state, differs)}: ${words.join(", ")}.` : ""]
    .filter(Boolean)
    .join(" ");
}

function agreedWords(app, check) {
  const { state } = app;
  const { agreed, waiting } = check;
  const first = app.lock?.name ?? "the match";
  const other = check.mine && app.book ? first : check.name;
  const over = (place) => setOrOver(state, place);
  const parts = [];
  if (agreed) parts.push(`Agreed with ${other} after ${many(state, agreed)}.`);
  if (waiting) {
    const whole = `the ${nth(waiting.over)} ${over(waiting)}`;
    parts.push(
      check.mine && app.book
        ? `${first} has not ended ${whole} yet.`
        : `${check.name} has ended ${whole}; it is compared once it is ended here.`,
    );
  }
  if (!parts.length) parts.push(`Compared with ${other} at each ${over({ innings: state.innings.length - 1 })}’s end.`);
  return parts.join(" ");
}

function differing(app, check, ...more) {
  const { differs } = check;
  return notice(
    `The books differ in the ${nth(differs.over)} ${setOrOver(app.state, differs)}`,
    differsWords(app, check),
    "warn",
    h(
      "div.row",
      {},
      button("Look at that over", () => overSheet(app, check)),
      ...more,
    ),
  );
}

// What stands above the board. Drawn anew only when it says something else, so that a finger stays on its button.
let shown = "";

export function drawChecks(app, place) {
  const { checker, book } = app;
  const checks = book ? checker.checks.filter(({ mine }) => mine) : checker.checks;
  const about = JSON.stringify([
    Boolean(book),
    Boolean(app.queue.token),
    app.lock?.name,
    checks,
    checker.problem,
    checker.failures > 0,
    book?.kept,
  ]);
  if (about === shown) return;
  shown = about;
  const nodes = [];
  if (book) nodes.push(secondNotice(app, checks[0] ?? null));
  const differ = checks.filter(({ differs }) => differs);
  nodes.push(...differ.map((check) => differing(app, check)));
  if (!book)
    nodes.push(
      ...checks
        .filter(({ differs }) => !differs)
        .map((check) =>
          h("p.check", {}, icon(check.agreed ? "check" : "users"), h("span", {}, agreedWords(app, check))),
        ),
    );
  place.replaceChildren(...nodes);
}

function secondNotice(app, check) {
  const { checker, book } = app;
  let words = check && !check.differs ? agreedWords(app, check) : null;
  if (checker.problem) words = `Not compared: ${checker.problem}`;
  else if (checker.failures) words = "No network: your totals wait on this device, and are compared later.";
  if (!book.kept) words = `${words ?? ""} This browser keeps nothing: do not close the page.`;
  const kind = checker.problem || checker.failures ? "warn" : check?.agreed && !check.differs ? "good" : "";
  return notice("Second scorer: your entries are compared, not shown", words, kind);
}

// The over that differs: the figures side by side, and the balls of one's own book to be changed.
function overSheet(app, check) {
  const { differs } = check;
  const { state } = app;
  const { mine, theirs } = sides(app, check);
  const heads = { match: app.lock?.name ?? "The match", second: check.name };
  heads[mine] = app.mayWrite ? "You" : heads[mine];
  const innings = state.innings[differs.innings];
  const over = innings?.overs[differs.over - 1];
  const label = ({ what, player }) =>
    player
      ? nameOf(state, null, player)
      : (IN_ALL[what] ?? `${WORDS[what] ?? what} in the over`.replace(/^./, (letter) => letter.toUpperCase()));
  const row = (each) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, label(each)),
      ...[mine, theirs].map((whose) => h("td", {}, lineWords(each.what, each[whose]))),
    );
  const what = setOrOver(state, differs) === "set" ? "Set" : "Over";
  const sheet = openSheet(
    `${what} ${differs.over}, ${side(state, differs, differs.match.team)}`,
    h(
      "table.table",
      {},
      h("caption.visually-hidden", {}, "What differs after this over"),
      h(
        "thead",
        {},
        h("tr", {}, ...["Figure", heads[mine], heads[theirs]].map((words) => h("th", { scope: "col" }, words))),
      ),
      h("tbody", {}, ...differs.figures.filter(({ what }) => what !== "team").map(row)),
    ),
    h(
      "p.quiet",
      {},
      "Ask each other what was bowled. Whoever was wrong changes it in their own book; nothing changes by itself.",
    ),
    h(
      "div.log",
      {},
      h(
        "ol.rows",
        {},
        (over?.balls ?? []).map((ball) =>
          ballRow(app, innings, ball, () => {
            sheet.close();
            app.change(innings, ball);
          }),
        ),
      ),
    ),
    ...(app.book
      ? [
          h(
            "div.row",
            {},
            button("Take the match’s score as it is", () => {
              sheet.close();
              app.second.again();
            }),
          ),
        ]
      : []),
  );
}

// The signature of everything that would be compared: when it changes, a look at the other book is due.
export const compared = (state) => JSON.stringify(state.innings.map(totals));
