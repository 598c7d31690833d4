// An innings that is over already, from the paper book: one form, one event, and sums that are checked while they are
// typed.
import { ballsOf } from "./fold.js";
import { button, h, icon, notice } from "./dom.js";
import { openSheet } from "./sheet.js";
import { KINDS } from "./words.js";

const HOW = [
  ["", "Did not bat"],
  ["not out", "Not out"],
  ...KINDS,
  ["retired hurt", "Retired hurt"],
  ["retired out", "Retired out"],
  ["timed out", "Timed out"],
  ["absent hurt", "Absent hurt"],
];
const CREDITED = new Set(["bowled", "caught", "caught and bowled", "lbw", "stumped", "hit wicket"]);
const NO_WICKET = new Set(["", "not out", "retired hurt", "absent hurt"]);
const EXTRAS = [
  ["byes", "Byes"],
  ["legbyes", "Leg byes"],
  ["wides", "Wides"],
  ["noballs", "No-balls"],
  ["penalty", "Penalty"],
];

const small = (label, name, value = "", more = {}) =>
  h("input", {
    "aria-label": label,
    name,
    value: String(value),
    inputmode: "numeric",
    autocomplete: "off",
    size: "4",
    ...more,
  });
const menu = (label, name, options, value = "") => {
  const list = h(
    "select",
    { "aria-label": label, name },
    options.map(([key, words]) => h("option", { value: key }, words)),
  );
  list.value = value;
  return list;
};
const whole = (text) => (/^\d+$/.test(text.trim()) ? Number(text) : text.trim() === "" ? 0 : NaN);

// What a filled form says: {body, wrong: [sentences]}. Pure, so that Node can test the sums.
export function readPaper(values, { perOver = 6, players = 11 } = {}) {
  const wrong = [];
  // The order of the book: by the number written beside the name, else as the line-up has them.
  const place = (line, i) => whole(line.order ?? "") || i + 1;
  const came = values.batting
    .map((line, i) => [place(line, i), line])
    .filter(([, line]) => line.how)
    .sort(([a], [b]) => a - b)
    .map(([, line]) => line);
  const batting = came.map((line) => ({
    player: line.player,
    runs: whole(line.runs),
    balls: whole(line.balls),
    fours: whole(line.fours),
    sixes: whole(line.sixes),
    kind: line.how,
    ...(CREDITED.has(line.how) && line.bowler ? { bowler: line.bowler } : {}),
    ...(line.fielder ? { fielders: [{ key: line.fielder }] } : {}),
  }));
  const bowling = values.bowling
    .filter((line) => line.overs.trim())
    .map((line) => ({
      player: line.player,
      overs: line.overs.trim(),
      maidens: whole(line.maidens),
      runs: whole(line.runs),
      wickets: whole(line.wickets),
      wides: whole(line.wides),
      noballs: whole(line.noballs),
    }));
  const extras = Object.fromEntries(
    EXTRAS.map(([name]) => [name, whole(values.extras[name] ?? "")]).filter(([, runs]) => runs),
  );
  const numbers = [
    ...batting.flatMap((line) => [line.runs, line.balls, line.fours, line.sixes]),
    ...bowling.flatMap((line) => [line.maidens, line.runs, line.wickets, line.wides, line.noballs]),
    ...Object.values(extras),
    whole(values.runs),
    whole(values.wickets),
  ];
  if (numbers.some((each) => Number.isNaN(each))) wrong.push("Every figure is a whole number.");
  const sum = (list) => list.reduce((all, each) => all + (each || 0), 0);
  const bats = sum(batting.map((line) => line.runs));
  const more = sum(Object.values(extras));
  const [runs, wickets] = [whole(values.runs), whole(values.wickets)];
  if (bats + more !== runs)
    wrong.push(`The batters made ${bats} and there are ${more} extras: that is ${bats + more}, not ${runs}.`);
  const falls = came
    .filter((line) => !NO_WICKET.has(line.how) && (line.fell ?? "").trim())
    .map((line) => ({
      score: whole(line.fell),
      player: line.player,
      ...((line.at ?? "").trim() ? { over: line.at.trim() } : {}),
    }));
  const when = (fall) => (fall.over ? ballsOf(fall.over, perOver) : 0);
  falls.sort((a, b) => a.score - b.score || when(a) - when(b));
  const out = batting.filter((line) => !NO_WICKET.has(line.kind)).length;
  if (out !== wickets) wrong.push(`${out} batters are out, but ${wickets} wickets fell.`);
  if (
    falls.some(
      (fall) => Number.isNaN(fall.score) || fall.score > runs || (fall.over && !/^\d{1,3}(\.\d)?$/.test(fall.over)),
    )
  )
    wrong.push(`A wicket falls at a score up to ${runs}, in an over such as 4.3.`);
  else if (falls.length && falls.length !== out)
    wrong.push(`The fall of ${falls.length} wickets is given, but ${out} fell: give them all, or none.`);
  if (!/^\d{1,3}(\.\d)?$/.test(values.overs.trim()) || Number(values.overs.split(".")[1] ?? 0) >= perOver)
    wrong.push("Overs look like 20 or 18.4.");
  else if (bowling.length) {
    if (bowling.some((line) => !/^\d{1,3}(\.\d)?$/.test(line.overs)))
      wrong.push("A bowler’s overs look like 4 or 3.2.");
    const bowled = sum(bowling.map((line) => ballsOf(line.overs, perOver)));
    if (bowled !== ballsOf(values.overs.trim(), perOver))
      wrong.push(
        `The bowlers bowled ${Math.floor(bowled / perOver)}.${bowled % perOver} overs together, ` +
          `not ${values.overs.trim()}.`,
      );
    const charged = sum(bowling.map((line) => line.runs));
    const theirs = runs - sum(["byes", "legbyes", "penalty"].map((name) => extras[name]));
    if (charged !== theirs)
      wrong.push(`The bowlers gave ${charged}; without byes and penalties the innings has ${theirs}.`);
    const credited = batting.filter((line) => CREDITED.has(line.kind)).length;
    const taken = sum(bowling.map((line) => line.wickets));
    if (taken !== credited)
      wrong.push(`The bowlers took ${taken} wickets; ${credited} of those on the card are a bowler’s.`);
  }
  const body = { team: Number(values.team), runs, wickets, overs: values.overs.trim(), extras, batting, bowling };
  if (falls.length) body.fow = falls;
  if (values.declared) body.declared = true;
  if (wickets + batting.filter((line) => line.kind === "absent hurt").length >= players - 1) body.all_out = true;
  return { body, wrong };
}

export function paperSheet(app) {
  const { state } = app;
  const last = state.innings.at(-1);
  const first = state.toss ? (state.toss.decision === "bat" ? state.toss.winner : 1 - state.toss.winner) : 0;
  draw(last ? 1 - last.team : first);

  function draw(team) {
    const bats = [...state.teams[team].players.values()];
    const field = [...state.teams[1 - team].players.values()];
    const bowlers = [["", "Bowler"], ...field.map((player) => [player.key, player.name])];
    const told = h("div.sheet-told", { role: "status" });
    const rows = bats.map((player, i) =>
      h(
        "tr",
        { "data-player": player.key },
        h("td", {}, small(`Place in the order, ${player.name}`, "order", i + 1, { size: "2" })),
        h("th", { scope: "row" }, player.name),
        h("td", {}, menu(`How ${player.name} was out`, "how", HOW)),
        h("td", {}, menu(`Fielder, ${player.name}`, "fielder", [["", "Fielder"], ...bowlers.slice(1)])),
        h("td", {}, menu(`Bowler, ${player.name}`, "bowler", bowlers)),
        [
          ["runs", "Runs"],
          ["balls", "Balls"],
          ["fours", "Fours"],
          ["sixes", "Sixes"],
          ["fell", "Score when out"],
          ["at", "Over when out"],
        ].map(([name, words]) => h("td", {}, small(`${words}, ${player.name}`, name))),
      ),
    );
    const lines = field.map((player) =>
      h(
        "tr",
        { "data-player": player.key },
        h("th", { scope: "row" }, player.name),
        [
          ["overs", "Overs"],
          ["maidens", "Maidens"],
          ["runs", "Runs"],
          ["wickets", "Wickets"],
          ["wides", "Wides"],
          ["noballs", "No-balls"],
        ].map(([name, words]) => h("td", {}, small(`${words}, ${player.name}`, name))),
      ),
    );
    const head = (list) =>
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          list.map((words) => h("th", { scope: "col" }, words)),
        ),
      );
    const battingBody = h("tbody", {}, rows);
    const bowlingBody = h("tbody", {}, lines);
    const total = h(
      "div.paper-total",
      {},
      [
        ["runs", "Runs", "0"],
        ["wickets", "Wickets", "0"],
        ["overs", "Overs", ""],
      ].map(([name, words, value]) => h("label", {}, words, small(words, name, value))),
      EXTRAS.map(([name, words]) => h("label", {}, words, small(words, `extra_${name}`))),
      h("label.check", {}, h("input", { type: "checkbox", name: "declared" }), h("span", {}, "Declared")),
    );
    const other = button(`It was the innings of ${state.teams[1 - team].name}`, () => {
      sheet.close();
      draw(1 - team);
    });
    const enter = h("button.button.is-main.is-large.push", { type: "submit" }, icon("check"), "Enter the innings");
    const form = h(
      "form.stack.paper",
      { novalidate: true },
      h("p", {}, other),
      h(
        "div.scroller",
        { tabindex: "0", role: "region", "aria-label": "Batting" },
        h(
          "table.table",
          {},
          head(["No.", "Batter", "How", "Fielder", "Bowler", "R", "B", "4", "6", "Fell at", "Over"]),
          battingBody,
        ),
      ),
      h(
        "div.scroller",
        { tabindex: "0", role: "region", "aria-label": "Bowling" },
        h("table.table", {}, head(["Bowler", "O", "M", "R", "W", "WD", "NB"]), bowlingBody),
      ),
      total,
      told,
      h(
        "div.row.sheet-go",
        {},
        button("Back", () => sheet.close(), { kind: "is-large" }),
        enter,
      ),
    );
    const value = (name) => form.elements[name].value;
    const lineOf = (row) =>
      Object.fromEntries([
        ["player", row.dataset.player],
        ...[...row.querySelectorAll("input, select")].map((field_) => [field_.name, field_.value]),
      ]);
    const values = () => ({
      team,
      runs: total.querySelector("[name=runs]").value,
      wickets: total.querySelector("[name=wickets]").value,
      overs: total.querySelector("[name=overs]").value,
      declared: form.elements.declared.checked,
      extras: Object.fromEntries(EXTRAS.map(([name]) => [name, value(`extra_${name}`)])),
      batting: rows.map(lineOf),
      bowling: lines.map(lineOf),
    });
    const look = () => {
      const { body, wrong } = readPaper(values(), {
        perOver: state.settings.balls_per_over,
        players: state.settings.players,
      });
      told.replaceChildren(
        ...(wrong.length
          ? [
              notice(
                "The sums do not agree yet",
                null,
                "warn",
                h(
                  "ul",
                  {},
                  wrong.map((words) => h("li", {}, words)),
                ),
              ),
            ]
          : [
              notice(
                `${state.teams[team].name} ${body.runs}/${body.wickets}, ${body.overs} overs. The sums agree.`,
                null,
                "good",
              ),
            ]),
      );
      enter.disabled = wrong.length > 0;
      return { body, wrong };
    };
    form.addEventListener("input", look);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { body, wrong } = look();
      if (wrong.length) return;
      sheet.close();
      app.act("innings_card", body);
    });
    const sheet = openSheet(`The innings of ${state.teams[team].name}, from paper`, form);
    sheet.dialog.classList.add("is-wide");
    look();
  }
}
