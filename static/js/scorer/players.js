// Who comes and goes, in the scorer's menu: ends changed, bowlers, batters, those who retire, are absent or replaced.
import { canBat, canBowl, lawsOf, nameOf } from "./fold.js";
import { h, key } from "./dom.js";
import { choice, formSheet, openSheet, select, text } from "./sheet.js";
import { bowl, bowlerWords, takenOff } from "./panels.js";

const SUSPENSIONS = [
  ["dangerous bowling", "Dangerous short balls"],
  ["high full tosses", "High full tosses"],
  ["deliberate no-balls", "Deliberate no-balls"],
  ["running on the pitch", "Running on the pitch"],
  ["time wasting", "Time wasting"],
  ["throwing", "Throwing"],
  ["changing the ball", "Changing the ball"],
  ["other", "Other"],
];

/** The sheets about who bats, bowls and fields. Takes names(team), open() (the innings) and atCrease(). */
export function playerSheets(app, { names, open, atCrease }) {
  const sheets = {
    swap() {
      const innings = open();
      if (innings?.striker && innings.non_striker)
        app.act("batters", { striker: innings.non_striker, non_striker: innings.striker });
    },

    bowler() {
      const innings = open();
      const sheet = openSheet(
        "Who goes on with this over?",
        h(
          "div.keys-grid",
          {},
          canBowl(app.state)
            .filter((player) => player.key !== innings.bowler)
            .map((player) =>
              key(
                player.name,
                { small: bowlerWords(innings, player), kind: player.warning ? "is-name is-warned" : "is-name" },
                () => {
                  sheet.close();
                  bowl(app, player);
                },
              ),
            ),
        ),
        takenOff(app.state, innings),
      );
    },

    // The umpires take a bowler off: another finishes the over, and the one who went bowls no more in this innings.
    takeOff() {
      const innings = open();
      const bowled = [...innings.bowling.keys(), ...(innings.bowler ? [innings.bowler] : [])];
      const who = [...new Set(bowled)].filter((id) => !innings.suspended.has(id));
      if (!who.length) return app.say("Nobody has bowled in this innings.");
      return formSheet({
        title: "The umpires take a bowler off",
        submit: "Take the bowler off",
        kind: "is-ball",
        fields: [
          choice(
            "player",
            "Who cannot bowl again in this innings",
            who.map((id) => [id, nameOf(app.state, null, id)]),
            innings.bowler ?? who.at(-1),
          ),
          choice("reason", "Why", SUSPENSIONS, "dangerous bowling"),
        ],
        done: (values) => app.act("suspension", { player: values.player, reason: values.reason }),
      });
    },

    // A batter who has not been there for a ball was the wrong one: another comes in instead.
    batter(id) {
      const innings = open();
      const batter = innings.batting.get(id);
      if (batter && (batter.seen || batter.balls)) return sheets.retire(id);
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
              ...(lawsOf(app.state).handledTheBall ? [["handled the ball", "Handled the ball"]] : []),
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
          const gone = values[`out_${team}`];
          const open = {
            ...(gone ? {} : { [`out_${team}`]: "Say who goes out." }),
            ...(coming || values.name ? {} : { name: "Say who comes in." }),
          };
          if (Object.keys(open).length) return { open, show };
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
  };
  return sheets;
}
