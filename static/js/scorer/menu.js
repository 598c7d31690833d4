// Everything that happens beside the usual ball, as short forms: who retires, breaks, revisions, line-ups, the end.
import { canBat, canBowl, current, nameOf, oversText } from "./fold.js";
import { h, icon, key } from "./dom.js";
import { derive, outcomeWords } from "./result.js";
import { choice, formSheet, number, openSheet, read, select, several, text, tick } from "./sheet.js";
import { reviewSheet } from "./balls.js";
import { paperSheet } from "./paper.js";
import { bowl } from "./panels.js";
import { many } from "./words.js";

const FORMATS = {
  T20: { format: "T20", overs: 20, bowler_limit: 4 },
  ODI: { format: "ODI", overs: 50, bowler_limit: 10 },
  "List A": { format: "List A", overs: 50, bowler_limit: 10 },
  Hundred: { format: "Hundred", overs: 20, balls_per_over: 5, balls_per_end: 10, no_ball: 2, bowler_limit: 4 },
  Test: { format: "Test", overs: null, innings: 4, bowler_limit: null },
  "First-class": { format: "First-class", overs: null, innings: 4, bowler_limit: null },
};
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

export function presetOf(match) {
  const known = FORMATS[match.format] ?? FORMATS.T20;
  return {
    balls_per_over: 6,
    balls_per_end: known.balls_per_over ?? 6,
    no_ball: 1,
    wide: 1,
    innings: 2,
    players: 11,
    ...known,
    teams: match.teams.map((team) => team.name),
    short: match.teams.map((team) => team.short),
    colours: match.teams.map((team) => team.colours),
  };
}

export function setupWords(setup) {
  const length = setup.overs
    ? `${setup.overs} ${setup.balls_per_over === 5 ? "sets of five" : "overs"} a side`
    : "two innings a side";
  const limit = setup.bowler_limit ? `, ${setup.bowler_limit} a bowler` : "";
  return `${setup.format}, ${length}, a no-ball is ${many(setup.no_ball, "run")}${limit}`;
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
    setup() {
      const was = app.state.settings ?? app.preset();
      formSheet({
        title: "Set-up of the match",
        submit: "Enter the set-up",
        fields: [
          choice(
            "format",
            "Format",
            Object.keys(FORMATS).map((name) => [name, name]),
            was.format,
          ),
          choice(
            "innings",
            "Innings",
            [
              [2, "One a side"],
              [4, "Two a side"],
            ],
            was.innings,
          ),
          h(
            "div.sheet-cols",
            {},
            number("overs", "Overs a side", was.overs, { min: 1, max: 500, required: false, hint: "Empty: no limit" }),
            number("bowler_limit", "Overs a bowler", was.bowler_limit, {
              min: 1,
              max: 500,
              required: false,
              hint: "Empty: no limit",
            }),
            number("balls_per_over", "Balls an over", was.balls_per_over, { min: 1, max: 12 }),
            number("balls_per_end", "Balls from an end", was.balls_per_end, {
              min: 1,
              max: 60,
              hint: "10 in The Hundred",
            }),
            number("no_ball", "Runs for a no-ball", was.no_ball, { min: 1, max: 4 }),
            number("wide", "Runs for a wide", was.wide, { min: 1, max: 4 }),
            number("players", "Players a side", was.players, { min: 2, max: 15 }),
            number("days", "Days", was.days ?? null, {
              min: 1,
              max: 6,
              required: false,
              hint: "They settle the follow-on. Empty: as usual",
            }),
          ),
        ],
        look: (values, form) => {
          if (form.dataset.format && form.dataset.format !== values.format) {
            const fresh = {
              balls_per_over: 6,
              balls_per_end: FORMATS[values.format].balls_per_over ? 10 : 6,
              no_ball: 1,
              ...FORMATS[values.format],
            };
            for (const name of ["overs", "bowler_limit", "balls_per_over", "balls_per_end", "no_ball"])
              form.elements[name].value = fresh[name] ?? "";
            form.elements.innings.value = String(fresh.innings ?? 2);
          }
          form.dataset.format = values.format;
          const now = { ...values, ...read(form) };
          return { words: setupWords(now), show: { days: Number(now.innings) === 4 } };
        },
        done: (values) => {
          const body = { ...app.preset(), ...values, innings: Number(values.innings) };
          if (body.innings !== 4 || body.days === null) delete body.days;
          const before = app.events.find((event) => event.kind === "setup");
          if (app.state.innings.length && before) app.act("correction", { changes: [{ of: before.key, body }] });
          else app.act("setup", body);
        },
      });
    },

    lineup(team) {
      const { state } = app;
      const now = state.teams[team].players;
      const squad = [...app.squads[team]];
      for (const player of now.values()) if (!squad.some((each) => each.key === player.key)) squad.push(player);
      const added = [];
      const size = state.settings?.players ?? 11;
      const chosen = now.size ? [...now.keys()] : squad.slice(0, size).map((player) => player.key);
      const options = () => [["", "Nobody"], ...squad.map((player) => [player.key, player.name])];
      const list = [...now.values()];
      formSheet({
        title: `Who plays for ${state.teams[team].name}`,
        submit: "Enter the line-up",
        fields: [
          several(
            "players",
            `The ${size}, and substitutes who may come in`,
            squad.map((player) => [player.key, player.name, player.role ? { note: player.role } : {}]),
            chosen,
          ),
          h(
            "div.sheet-cols",
            {},
            select("captain", "Captain", options(), list.find((player) => player.captain)?.key ?? ""),
            select(
              "keeper",
              "Wicket-keeper",
              options(),
              list.find((player) => player.keeper)?.key ??
                squad.find((player) => /keep/i.test(player.role ?? ""))?.key ??
                "",
            ),
          ),
          text("more", "Others, not in the squad", added.join(", "), { hint: "Names with a comma between" }),
        ],
        look: (values) => {
          const count = values.players.length + values.more.split(",").filter((name) => name.trim()).length;
          if (count < 2) return { wrong: "A side needs two players at least." };
          if (count === size) return { words: `${count} named.` };
          const apart = count < size ? `${size - count} short of` : `${count - size} more than`;
          return { words: `${count} named, ${apart} ${size}.` };
        },
        done: (values) => {
          const of = new Map(squad.map((player) => [player.key, player]));
          const ordered = squad.map((player) => player.key).filter((id) => values.players.includes(id));
          const players = ordered.map((id) => ({
            key: id,
            name: of.get(id).name,
            ...(of.get(id).role ? { role: of.get(id).role } : {}),
            ...(of.get(id).person ? { person: of.get(id).person } : {}),
          }));
          for (const name of values.more
            .split(",")
            .map((each) => each.trim())
            .filter(Boolean))
            players.push({ key: `n:${name}`.slice(0, 200), name });
          for (const player of players) {
            if (player.key === values.captain) player.captain = true;
            if (player.key === values.keeper) player.keeper = true;
          }
          app.act("lineup", { team, players });
        },
      });
    },

    officials() {
      const was = app.state.officials ?? {};
      const found = (role) =>
        app.match.officials
          .filter((each) => each.role === role)
          .map((each) => each.name)
          .join(", ");
      const field = (name, label, value) =>
        text(name, label, (was[name] ?? []).join(", ") || value, { hint: "Names with a comma between" });
      formSheet({
        title: "Officials",
        submit: "Enter the officials",
        fields: [
          field("umpires", "Umpires", found("umpire")),
          field("tv_umpires", "Third umpire", found("third umpire")),
          field("reserve_umpires", "Reserve umpire", ""),
          field("match_referees", "Match referee", found("match referee")),
        ],
        done: (values) =>
          app.act(
            "officials",
            Object.fromEntries(
              Object.entries(values)
                .map(([name, words]) => [
                  name,
                  words
                    .split(",")
                    .map((each) => each.trim())
                    .filter(Boolean),
                ])
                .filter(([, list]) => list.length),
            ),
          ),
      });
    },

    toss() {
      formSheet({
        title: "The toss",
        fields: [
          choice(
            "winner",
            "Won by",
            [0, 1].map((team) => [team, app.state.teams[team].name]),
            app.state.toss?.winner ?? null,
          ),
          choice(
            "decision",
            "And will",
            [
              ["bat", "Bat"],
              ["field", "Field"],
            ],
            app.state.toss?.decision ?? null,
          ),
          tick("uncontested", "Uncontested"),
        ],
        submit: "Enter the toss",
        done: (values) =>
          app.act("toss", {
            winner: Number(values.winner),
            decision: values.decision,
            ...(values.uncontested ? { uncontested: true } : {}),
          }),
      });
    },

    swap() {
      const innings = open();
      if (innings?.striker && innings.non_striker)
        app.act("batters", { striker: innings.non_striker, non_striker: innings.striker });
    },

    bowler() {
      const sheet = openSheet(
        "Who goes on with this over?",
        h(
          "div.keys-grid",
          {},
          canBowl(app.state)
            .filter((player) => player.key !== open().bowler)
            .map((player) =>
              key(
                player.name,
                { small: player.warning || player.role, kind: player.warning ? "is-name is-warned" : "is-name" },
                () => {
                  sheet.close();
                  bowl(app, player);
                },
              ),
            ),
        ),
      );
    },

    // A batter who has not been there for a ball was the wrong one: another comes in instead.
    batter(id) {
      const innings = open();
      const batter = innings.batting.get(id);
      if (batter && (batter.seen || batter.balls)) return menu.retire(id);
      const put = (player) =>
        app.act("batters", {
          striker: innings.striker === id ? player : innings.striker,
          non_striker: innings.non_striker === id ? player : innings.non_striker,
        });
      const sheet = openSheet(
        `Who comes in for ${nameOf(app.state, innings.team, id)}?`,
        h(
          "div.keys-grid",
          {},
          canBat(app.state)
            .filter((player) => player.key !== id)
            .map((player) =>
              key(player.name, { small: player.returns ? "returns" : player.role, kind: "is-name" }, () => {
                sheet.close();
                put(player.key);
              }),
            ),
        ),
      );
      return sheet;
    },

    retire(id = null) {
      formSheet({
        title: "A batter retires",
        submit: "Retire",
        fields: [
          choice("player", "Who", atCrease(), id ?? open().striker),
          choice(
            "kind",
            "How",
            [
              ["retired hurt", "Hurt: may come back"],
              ["retired not out", "Not out: may come back"],
              ["retired out", "Out: a wicket"],
            ],
            "retired hurt",
          ),
        ],
        done: (values) => app.act("wicket", { player: values.player, kind: values.kind }),
      });
    },

    timedOut() {
      formSheet({
        title: "Timed out",
        submit: "Enter the wicket",
        fields: [
          choice(
            "player",
            "Who did not come in time",
            canBat(app.state).map((player) => [player.key, player.name]),
          ),
        ],
        done: (values) => app.act("wicket", { player: values.player, kind: "timed out" }),
      });
    },

    outBetween() {
      formSheet({
        title: "Out without a ball",
        submit: "Enter the wicket",
        kind: "is-ball",
        fields: [
          choice("player", "Who", atCrease(), open().non_striker),
          choice(
            "kind",
            "How",
            [
              ["run out", "Run out, backing up"],
              ["obstructing the field", "Obstructing the field"],
              ["handled the ball", "Handled the ball"],
            ],
            "run out",
          ),
          choice("by", "By", [["", "Nobody"], ...names(1 - open().team)], open().bowler ?? "", { required: false }),
        ],
        done: (values) =>
          app.act("wicket", {
            player: values.player,
            kind: values.kind,
            ...(values.by && values.kind === "run out" ? { fielders: [{ key: values.by }] } : {}),
          }),
      });
    },

    absent() {
      formSheet({
        title: "Absent hurt",
        submit: "Enter",
        fields: [
          choice(
            "player",
            "Who cannot bat",
            canBat(app.state).map((player) => [player.key, player.name]),
          ),
        ],
        done: (values) => app.act("absent", { player: values.player }),
      });
    },

    replacement() {
      const sides = [0, 1].map((team) => [team, app.state.teams[team].name]);
      // Only who plays can go out, only who does not can come in; nobody is chosen beforehand.
      const playing = (team) => [
        ["", "Choose"],
        ...names(team).filter(([id]) => !app.state.teams[team].replaced.has(id)),
      ];
      const bench = (team) => [
        ["", "Somebody else"],
        ...app.squads[team]
          .filter(({ key: id }) => !app.state.teams[team].players.has(id) || app.state.teams[team].replaced.has(id))
          .map((player) => [player.key, player.name]),
      ];
      formSheet({
        title: "A replacement",
        submit: "Enter the replacement",
        fields: [
          choice("team", "Side", sides, 0),
          choice(
            "reason",
            "Why",
            [
              ["impact_player", "Impact player"],
              ["concussion_substitute", "Concussion"],
              ["supersub", "Super sub"],
              ["covid_replacement", "Illness"],
              ["unknown", "Other"],
            ],
            "impact_player",
          ),
          h(
            "div.sheet-cols",
            {},
            select("out_0", "Goes out", playing(0)),
            select("out_1", "Goes out", playing(1)),
            select("in_0", "Comes in", bench(0)),
            select("in_1", "Comes in", bench(1)),
            text("name", "Name of somebody else"),
          ),
        ],
        look: (values) => {
          const team = values.team;
          const show = {
            out_0: team === "0",
            in_0: team === "0",
            out_1: team === "1",
            in_1: team === "1",
            name: !values[`in_${team}`],
          };
          const coming = values[`in_${team}`];
          if (!values[`out_${team}`]) return { wrong: "Say who goes out.", show };
          if (!coming && !values.name) return { wrong: "Say who comes in.", show };
          const gone = values[`out_${team}`];
          const name = coming ? app.squads[team].find((player) => player.key === coming)?.name : values.name;
          return { words: `${name} for ${nameOf(app.state, Number(team), gone)}.`, show };
        },
        done: (values) => {
          const id = values[`in_${values.team}`];
          const known = app.squads[values.team].find((player) => player.key === id);
          app.act("replacement", {
            team: Number(values.team),
            in: id || `n:${values.name}`,
            name: known?.name ?? values.name,
            out: values[`out_${values.team}`],
            reason: values.reason,
            type: "match",
          });
        },
      });
    },

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
          list.some((each) => each.team === Number(values.team))
            ? {}
            : { words: "They have not batted yet: the runs are theirs when their innings begins." },
        done: (values) => {
          const to = [...list].reverse().find((each) => each.team === Number(values.team));
          app.act("penalty", {
            innings: to ? to.index : list.length,
            runs: Number(values.runs),
            when: to && (to.ended || to.deliveries) ? "post" : "pre",
          });
        },
      });
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
        look: (values) => (values.last < values.first ? { wrong: "It cannot end before it begins." } : {}),
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
              app.act("break", { reason });
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
            select(
              "method",
              "Method",
              [
                ["", "None"],
                ["D/L", "D/L"],
                ["VJD", "VJD"],
                ["Other", "Other"],
              ],
              app.state.method ?? "",
            ),
          ),
        ],
        look: (values) =>
          !values.overs && values.target === null && values.par === null
            ? { wrong: "Nothing is revised yet." }
            : values.overs && !/^\d{1,3}(\.\d)?$/.test(values.overs)
              ? { wrong: "Overs look like 17 or 14.3." }
              : {},
        done: (values) =>
          app.act("revise", {
            innings: Number(values.innings),
            ...(values.overs ? { overs: values.overs } : {}),
            ...(values.target !== null ? { target: values.target } : {}),
            ...(values.par !== null ? { par: values.par } : {}),
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

    // The result that the balls give comes first; another one only after a look at why they differ.
    end(why = null) {
      const { state } = app;
      const people = [0, 1].flatMap(names);
      const was = state.ended;
      const before = was ? app.events.filter((event) => event.kind === "match_end").at(-1) : null;
      const sides = [0, 1].map((team) => [team, state.teams[team].name]);
      formSheet({
        title: "End of the match",
        submit: "End the match",
        fields: [
          choice(
            "reason",
            "Play ended",
            [
              ["", "As it should"],
              ["no further play", "No further play"],
              ["abandoned", "Abandoned"],
              ["awarded", "Awarded"],
            ],
            was?.reason ?? why ?? "",
            { required: false },
          ),
          tick("other", "The result is another one", Boolean(was?.outcome)),
          tick("sure", "The score was looked through, and the balls are right"),
          choice(
            "outcome",
            "Result",
            [
              ["0", `${state.teams[0].name} won`],
              ["1", `${state.teams[1].name} won`],
              ["tie", "Tie"],
              ["draw", "Draw"],
              ["no result", "No result"],
            ],
            null,
          ),
          h(
            "div.sheet-cols",
            {},
            choice(
              "how",
              "By",
              [
                ["runs", "Runs"],
                ["wickets", "Wickets"],
                ["none", "Nothing: awarded"],
              ],
              "runs",
            ),
            number("margin", "How many", 1, { min: 1, max: 2000 }),
            select("eliminator", "Decided by the super over or eliminator", [["", "Nothing"], ...sides]),
          ),
          several("player_of_match", "Player of the match", people, state.player_of_match),
        ],
        look: (values) => {
          const won = values.outcome === "0" || values.outcome === "1";
          const open_ = values.other && values.sure;
          const show = {
            sure: values.other,
            outcome: open_,
            how: open_ && won,
            margin: open_ && won && values.how !== "none",
            eliminator: open_ && values.outcome === "tie",
          };
          if (values.reason === "awarded" && !(open_ && won))
            return {
              wrong: "Say to which side the match is awarded: the result is another one, won by nothing.",
              show,
            };
          if (values.other && !values.sure)
            return { wrong: "Most wrong results are a wrong ball. Look through the list first.", show };
          return { words: `From the balls: ${outcomeWords(state, derive(state, true, values.reason || null))}.`, show };
        },
        done: (values) => {
          const body = {};
          if (values.reason) body.reason = values.reason;
          if (values.player_of_match.length) body.player_of_match = values.player_of_match;
          if (values.other && values.outcome) {
            if (values.outcome === "0" || values.outcome === "1")
              body.outcome = {
                winner: Number(values.outcome),
                ...(values.how === "none" ? {} : { by: { [values.how]: values.margin } }),
              };
            else
              body.outcome = {
                result: values.outcome,
                ...(values.outcome === "tie" && values.eliminator !== ""
                  ? { eliminator: Number(values.eliminator) }
                  : {}),
              };
          }
          if (before) app.act("correction", { changes: [{ of: before.key, body }] });
          else app.act("match_end", body);
        },
      });
    },

    paper: () => paperSheet(app),
    leave: () => app.leave(),

    all() {
      const innings = open();
      const state = app.state;
      const two = Boolean(innings?.striker && innings.non_striker);
      const over = innings?.overs.at(-1);
      const items = [
        [
          "At the crease",
          [
            [two, "Swap strike", "swap", menu.swap],
            [Boolean(innings?.bowler), "Change the bowler", "ball", menu.bowler],
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
            [Boolean(state.innings.length), "Penalty runs", "plus", menu.penalty],
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
            [Boolean(state.settings), "Overs, target, par", "chart", menu.revise],
            [Boolean(state.settings), "Day and session", "calendar", menu.session],
            [Boolean(state.innings.length), "End of the match", "stumps", menu.end],
            [true, "Set-up", "menu", menu.setup],
            [Boolean(state.settings), `Line-up, ${state.teams[0].short}`, "users", () => menu.lineup(0)],
            [Boolean(state.settings), `Line-up, ${state.teams[1].short}`, "users", () => menu.lineup(1)],
            [Boolean(state.settings), "Toss", "swap", menu.toss],
            [Boolean(state.settings), "Officials", "user", menu.officials],
            [Boolean(app.queue.token), "Stop scoring here", "lock", menu.leave],
          ],
        ],
      ];
      const sheet = openSheet(
        "Match and innings",
        items.map(([legend, list]) =>
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
