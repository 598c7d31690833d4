// Everything that happens beside the usual ball, as short forms: who retires, breaks, revisions, line-ups, the end.
import { current, nameOf, overToFinish, oversText, penaltyInnings } from "./fold.js";
import { h, icon, key } from "./dom.js";
import { METHODS, endSheet } from "./end.js";
import { choice, formSheet, number, openSheet, select, text, tick } from "./sheet.js";
import { minimumOvers } from "./result.js";
import { reviewSheet } from "./change.js";
import { paperSheet } from "./paper.js";
import { many } from "./words.js";
import { playerSheets } from "./players.js";
import { setupSheets } from "./setup.js";

const BREAKS = [
  ["drinks", "Drinks"],
  ["innings break", "Innings break"],
  ["lunch", "Lunch"],
  ["tea", "Tea"],
  ["stumps", "Stumps"],
  ["rain", "Rain"],
  ["bad light", "Bad light"],
  ["strategic time-out", "Time-out"],
  ["other", "Something else"],
];
const REASONS = [
  ["all out", "All out"],
  ["overs complete", "Overs complete"],
  ["target reached", "Target reached"],
  ["declared", "Declared"],
  ["forfeited", "Forfeited"],
  ["no further play", "Play called off"],
  ["other", "Something else"],
];

// What is said of overs below those that a result needs, or null.
function tooFew(settings, overs) {
  const least = minimumOvers(settings);
  return least && overs && Number(overs) < least
    ? `A result needs ${least} overs a side, unless a side is all out or the target is reached.`
    : null;
}

export function makeMenu(app) {
  const names = (team) => [...app.state.teams[team].players.values()].map((player) => [player.key, player.name]);
  const open = () => current(app.state);
  const atCrease = () => {
    const innings = open();
    return [innings?.striker, innings?.non_striker]
      .filter(Boolean)
      .map((id) => [id, nameOf(app.state, innings.team, id)]);
  };

  const menu = {
    ...setupSheets(app),
    ...playerSheets(app, { names, open, atCrease }),
    penalty() {
      const list = app.state.innings;
      const innings = open() ?? list.at(-1);
      formSheet({
        title: "Penalty runs, no ball bowled",
        submit: "Give the runs",
        fields: [
          choice(
            "runs",
            "Runs",
            [
              [5, "5"],
              [10, "10"],
            ],
            5,
          ),
          choice(
            "team",
            "To",
            [0, 1].map((team) => [team, app.state.teams[team].name]),
            innings?.team ?? 0,
          ),
        ],
        look: (values) =>
          penaltyInnings(app.state, Number(values.team)) < list.length
            ? {}
            : { words: "They have not batted yet: the runs are theirs when their innings begins." },
        done: (values) => app.actAll([menu.penaltyTo(Number(values.team), Number(values.runs))]),
      });
    },

    // Penalty runs to a side as an act: for its last innings, or for its first where it has not batted yet.
    penaltyTo(team, runs) {
      const index = penaltyInnings(app.state, team);
      const to = app.state.innings[index];
      const when = to && (to.ended || to.deliveries) ? "post" : "pre";
      return { kind: "penalty", body: { innings: index, runs, when } };
    },

    powerplay() {
      const innings = open();
      const over = Number(oversText(innings).split(".")[0]);
      formSheet({
        title: "Powerplay",
        submit: "Enter the powerplay",
        fields: [
          choice(
            "type",
            "Kind",
            [
              ["mandatory", "Mandatory"],
              ["batting", "Batting side’s"],
              ["fielding", "Fielding side’s"],
            ],
            "mandatory",
          ),
          h(
            "div.sheet-cols",
            {},
            number("first", "First over", over + 1, { min: 1 }),
            number("last", "Last over", Math.max(6, over + 1), { min: 1 }),
          ),
        ],
        look: (values) => (values.last < values.first ? { wrong: "It cannot end before it begins.", at: "last" } : {}),
        done: (values) =>
          app.act("powerplay", {
            type: values.type,
            from: `${values.first - 1}.1`,
            to: `${values.last - 1}.${app.state.settings.balls_per_over}`,
          }),
      });
    },

    break() {
      const sheet = openSheet(
        "A break",
        h(
          "div.keys-grid",
          {},
          BREAKS.map(([reason, words]) =>
            key(words, { kind: "is-name" }, () => {
              sheet.close();
              const stop = () => app.act("break", { reason });
              if (reason !== "stumps" || !overToFinish(app.state)) return stop();
              return app.confirm(
                "The over is to be finished",
                "Since October 2026 the last over of a day goes on though a wicket has fallen in it (Law 12.5.2), " +
                  "unless light or weather end play.",
                "Stumps all the same",
                stop,
              );
            }),
          ),
        ),
      );
    },

    session() {
      formSheet({
        title: "A new day or session",
        submit: "Play again",
        fields: [
          h(
            "div.sheet-cols",
            {},
            number("day", "Day", app.state.day ?? 1, { min: 1, max: 10 }),
            number("session", "Session", app.state.session ?? 1, { min: 1, max: 10 }),
          ),
        ],
        done: (values) => app.act("resume", values),
      });
    },

    revise() {
      const innings = open();
      const next = app.state.innings.length;
      const choices = [
        ...app.state.innings.map((each) => [
          each.index,
          `${app.state.teams[each.team].name}, innings ${each.index + 1}`,
        ]),
        ...(innings ? [] : [[next, "The innings that comes next"]]),
      ];
      formSheet({
        title: "Overs, target and par",
        submit: "Enter the revision",
        fields: [
          choice("innings", "For", choices, innings ? innings.index : next),
          h(
            "div.sheet-cols",
            {},
            text("overs", "Overs of the innings", innings?.overs_limit ?? "", {
              hint: "Such as 17 or 14.3. Empty: as before",
              pattern: "[0-9]{1,3}([.][0-9])?",
              ask: "Overs look like 17 or 14.3.",
            }),
            number("target", "Target", innings?.target ?? null, {
              min: 1,
              max: 5000,
              required: false,
              hint: "Empty: as before",
            }),
            number("par", "Par score now", innings?.par ?? null, {
              max: 2000,
              required: false,
              hint: "Decides if there is no more play",
            }),
            number("bowler_limit", "Overs a bowler", innings?.bowler_limit ?? null, {
              min: 1,
              max: 500,
              required: false,
              hint: "Empty: by the conditions",
            }),
            select("method", "Method", [["", "None"], ...METHODS], app.state.method ?? ""),
          ),
        ],
        look: (values) =>
          !values.overs &&
          values.target === null &&
          values.par === null &&
          values.bowler_limit === (innings?.bowler_limit ?? null)
            ? { open: { overs: "Say what is revised: the overs, the target or the par score." } }
            : values.overs && !/^\d{1,3}(\.\d)?$/.test(values.overs)
              ? { wrong: "Overs look like 17 or 14.3.", at: "overs" }
              : { words: tooFew(app.state.settings, values.overs) },
        done: (values) =>
          app.act("revise", {
            innings: Number(values.innings),
            ...(values.overs ? { overs: values.overs } : {}),
            ...(values.target !== null ? { target: values.target } : {}),
            ...(values.par !== null ? { par: values.par } : {}),
            ...(values.bowler_limit === (innings?.bowler_limit ?? null) ? {} : { bowler_limit: values.bowler_limit }),
            ...(values.method ? { method: values.method } : {}),
          }),
      });
    },

    review: () => reviewSheet(app),

    note(words = "") {
      const ball = open()?.overs.at(-1)?.balls.at(-1);
      formSheet({
        title: "A note",
        submit: "Enter the note",
        fields: [
          text("text", "Words", words, { required: true }),
          ball ? tick("of", `About ball ${ball.label}`, true) : null,
        ].filter(Boolean),
        done: (values) => app.act("note", { text: values.text, ...(values.of ? { of: ball.key } : {}) }),
      });
    },

    newBall() {
      const innings = open();
      app.act("note", { text: `New ball taken after ${oversText(innings)} overs.` });
    },

    endInnings(reason = null) {
      if (!open()) return menu.end();
      return formSheet({
        title: `End the innings of ${app.state.teams[open().team].name}`,
        submit: "End the innings",
        fields: [choice("reason", "Because", REASONS, reason)],
        done: (values) => app.act("innings_end", { reason: values.reason }),
      });
    },

    endOver() {
      const over = open().overs.at(-1);
      const left = app.state.settings.balls_per_over - over.legal;
      app.confirm(
        `End over ${over.number + 1} now?`,
        left > 0 ? `It has ${many(over.legal, "legal ball")}; the umpire miscounted.` : "",
        "End the over",
        () => app.act("over_end", {}),
      );
    },

    forfeit() {
      const last = app.state.innings.at(-1);
      formSheet({
        title: "An innings is forfeited",
        submit: "Enter",
        fields: [
          choice(
            "team",
            "By",
            [0, 1].map((team) => [team, app.state.teams[team].name]),
            last ? 1 - last.team : 0,
          ),
        ],
        done: (values) => app.act("innings_start", { team: Number(values.team), forfeited: true }),
      });
    },

    end: (why = null) => endSheet(app, why),
    paper: () => paperSheet(app),
    leave: () => app.leave(),

    all() {
      const innings = open();
      const state = app.state;
      const two = Boolean(innings?.striker && innings.non_striker);
      const over = innings?.overs.at(-1);
      // Both scorers are told who plays; a second book takes that over from the match's log.
      const told = Boolean(state.settings) && !app.book;
      const items = [
        [
          "At the crease",
          [
            [two, "Swap strike", "swap", menu.swap],
            [Boolean(innings?.bowler), "Change the bowler", "ball", menu.bowler],
            [Boolean(innings?.deliveries), "Bowler taken off", "cross", menu.takeOff],
            [two, "Retire a batter", "user", () => menu.retire()],
            [Boolean(innings) && !two, "Timed out", "clock", menu.timedOut],
            [two, "Out without a ball", "sig-out", menu.outBetween],
            [Boolean(innings), "Absent hurt", "minus", menu.absent],
            [Boolean(state.settings), "Replacement", "users", menu.replacement],
          ],
        ],
        [
          "The innings",
          [
            [Boolean(over && !over.complete), "End the over now", "check", menu.endOver],
            [Boolean(state.innings.length) && !state.ended, "Penalty runs", "plus", menu.penalty],
            [Boolean(innings), "Powerplay", "oval", menu.powerplay],
            [Boolean(innings?.deliveries), "Review", "camera", menu.review],
            [Boolean(innings), "New ball", "ball", menu.newBall],
            [true, "Note", "list", () => menu.note()],
            [Boolean(innings), "Declare", "check", () => menu.endInnings("declared")],
            [Boolean(innings), "End the innings", "cross", () => menu.endInnings()],
            [!innings && Boolean(state.toss), "Forfeit an innings", "minus", menu.forfeit],
            [!innings && Boolean(state.settings), "Innings from paper", "list", menu.paper],
          ],
        ],
        [
          "The match",
          [
            [Boolean(state.settings), "Break or rain", "rain", menu.break],
            [Boolean(state.settings) && !state.ended, "Overs, target, par", "chart", menu.revise],
            [Boolean(state.settings), "Day and session", "calendar", menu.session],
            [Boolean(state.innings.length), "End of the match", "stumps", () => menu.end()],
            [!app.book, "Set-up", "menu", menu.setup],
            [told, `Line-up, ${state.teams[0].short}`, "users", () => menu.lineup(0)],
            [told, `Line-up, ${state.teams[1].short}`, "users", () => menu.lineup(1)],
            [told, "Toss", "swap", menu.toss],
            [told, "Officials", "user", menu.officials],
            [Boolean(app.queue.token), "Stop scoring here", "lock", menu.leave],
          ],
        ],
        [
          "The second book",
          [
            [Boolean(app.book), "Take the match’s score as it is", "refresh", app.second.again],
            [Boolean(app.book), "Stop scoring along", "cross", app.second.stop],
            [Boolean(app.book), "Take over the match", "lock", app.second.takeOver],
          ],
        ],
      ];
      const sheet = openSheet(
        "Match and innings",
        items
          .filter(([, list]) => list.some(([shown]) => shown))
          .map(([legend, list]) =>
            h(
              "section.sheet-keys",
              {},
              h("h3.label", {}, legend),
              h(
                "div.menu-grid",
                {},
                list
                  .filter(([shown]) => shown)
                  .map(([, words, sign, go]) =>
                    h(
                      "button.button",
                      {
                        type: "button",
                        onclick: () => {
                          sheet.close();
                          go();
                        },
                      },
                      icon(sign),
                      words,
                    ),
                  ),
              ),
            ),
          ),
        h(
          "p.row",
          {},
          h("a.button", { href: `/matches/${app.match.id}/scorecard` }, icon("print"), "Scorecard to print"),
          h("a.button", { href: `/matches/${app.match.id}/cricsheet.json` }, icon("download"), "Cricsheet JSON"),
          h("a.button", { href: `/matches/${app.match.id}/live` }, icon("oval"), "Match centre"),
          h("a.button", { href: "/scorer" }, icon("list"), "My matches"),
        ),
      );
    },
  };
  return menu;
}
