// The set-up of a match in the scorer's menu: format, line-ups, officials and the toss.
import { h } from "./dom.js";
import { minimumOvers } from "./result.js";
import { EDITIONS, hasFreeHits, inForce, lawsOf } from "./fold.js";
import { choice, formSheet, number, read, select, several, text, tick } from "./sheet.js";
import { many } from "./words.js";

const FORMATS = {
  T20: { format: "T20", overs: 20, bowler_limit: 4, free_hit: true },
  ODI: { format: "ODI", overs: 50, bowler_limit: 10, free_hit: true },
  "List A": { format: "List A", overs: 50, bowler_limit: 10, free_hit: true },
  Hundred: {
    format: "Hundred",
    overs: 20,
    balls_per_over: 5,
    balls_per_end: 10,
    no_ball: 2,
    bowler_limit: 4,
    free_hit: true,
  },
  Test: { format: "Test", overs: null, innings: 4, bowler_limit: null },
  "First-class": { format: "First-class", overs: null, innings: 4, bowler_limit: null },
};

export function presetOf(match) {
  const known = FORMATS[match.format] ?? FORMATS.T20;
  return {
    balls_per_over: 6,
    balls_per_end: known.balls_per_over ?? 6,
    no_ball: 1,
    wide: 1,
    innings: 2,
    players: 11,
    laws: (inForce(match.played) ?? EDITIONS.at(-1)).key,
    free_hit: false,
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
  const fewest = setup.overs ? minimumOvers(setup) : null;
  const least = fewest ? `, ${fewest} make a result` : "";
  const free = hasFreeHits(setup, null) ? " and a free hit" : "";
  const laws = lawsOf({ settings: setup }).words;
  return `${setup.format}, ${length}, a no-ball is ${many(setup.no_ball, "run")}${free}${limit}${least}. Laws: ${laws}`;
}

/** The sheets of what is agreed before the first ball, by their names in the menu. */
export const setupSheets = (app) => ({
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
          number("days", "Days", was.days ?? null, {
            min: 1,
            max: 6,
            required: false,
            hint: "They settle the follow-on. Empty: as usual",
          }),
          number("balls_per_over", "Balls an over", was.balls_per_over, { min: 1, max: 12 }),
          number("balls_per_end", "Balls from an end", was.balls_per_end, {
            min: 1,
            max: 60,
            hint: "10 in The Hundred",
          }),
          number("players", "Players a side", was.players, { min: 2, max: 15 }),
        ),
        h("h3", {}, "Playing conditions"),
        h(
          "div.sheet-cols",
          {},
          select(
            "laws",
            "Laws",
            EDITIONS.map(({ key, words }) => [key, words]).reverse(),
            was.laws ?? app.preset().laws,
          ),
          number("no_ball", "Runs for a no-ball", was.no_ball, { min: 1, max: 4 }),
          number("wide", "Runs for a wide", was.wide, { min: 1, max: 4 }),
          number("bowler_limit", "Overs a bowler", was.bowler_limit, {
            min: 1,
            max: 500,
            required: false,
            hint: "Empty: no limit",
          }),
          select(
            "part_overs",
            "A part of an over counts",
            [
              ["whole", "as one of a bowler’s overs"],
              ["balls", "by its balls"],
            ],
            was.part_overs ?? "whole",
          ),
          number("min_overs", "Fewest overs for a result", was.min_overs ?? null, {
            max: 500,
            required: false,
            hint: "0: any number. Empty: as the format has it",
          }),
        ),
        tick("free_hit", "A free hit after a no-ball", hasFreeHits(was, null)),
      ],
      look: (values, form) => {
        if (form.dataset.format && form.dataset.format !== values.format) {
          const fresh = {
            balls_per_over: 6,
            balls_per_end: FORMATS[values.format].balls_per_over ? 10 : 6,
            no_ball: 1,
            ...FORMATS[values.format],
          };
          for (const name of ["overs", "bowler_limit", "min_overs", "balls_per_over", "balls_per_end", "no_ball"])
            form.elements[name].value = fresh[name] ?? "";
          form.elements.innings.value = String(fresh.innings ?? 2);
          form.elements.free_hit.checked = Boolean(fresh.free_hit);
        }
        form.dataset.format = values.format;
        // A bowler's overs follow those of a side as long as they are a fifth of them (ICC 13.9.2).
        const { overs, bowler_limit } = form.elements;
        const before = Number(form.dataset.overs);
        if (before && overs.value && Number(bowler_limit.value) === Math.ceil(before / 5))
          bowler_limit.value = Math.ceil(Number(overs.value) / 5);
        if (overs.value) form.dataset.overs = overs.value;
        const now = { ...values, ...read(form) };
        return {
          words: setupWords(now),
          show: { days: Number(now.innings) === 4, min_overs: Number(now.innings) !== 4 },
        };
      },
      done: (values) => {
        const body = { ...app.preset(), ...values, innings: Number(values.innings) };
        if (body.innings !== 4 || body.days === null) delete body.days;
        if (body.innings === 4 || body.min_overs === null) delete body.min_overs;
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
        if (count < 2) return { open: { players: "A side needs two players at least." } };
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
});
