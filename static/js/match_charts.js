// The charts of a match as plain shapes, [tag, attributes, text]: the twin of views/match_charts.py, held to it by a
// test.

const HEIGHT = 260;
const WIDE = 640;
const NARROW = 360;
const [LEFT, RIGHT, TOP, BOTTOM] = [34, 8, 14, 28];
const TOKEN_LETTERS = /[Wa-z•]+$/;

export function charts(board) {
  const played = board.innings.filter((inn) => inn.overs.length && !inn.super);
  if (!played.length) return [];
  const found = [];
  for (const [draw, table] of [
    [worm, wormTable],
    [manhattan, oversTable],
    [runRate, rateTable],
    [stands, standsTable],
  ]) {
    const wide = draw(board, played, WIDE);
    if (!wide) continue;
    const narrow = draw(board, played, NARROW);
    const { box, shapes, ...words } = wide;
    const [head, rows] = table(board, played);
    found.push({ ...words, wide: { box, shapes }, narrow: { box: narrow.box, shapes: narrow.shapes }, head, rows });
  }
  return found;
}

const byOver = (board, played, cell) => [
  [board.unit === "ball" ? "Balls" : "Over", ...played.map(named)],
  Array.from({ length: Math.max(...played.map((inn) => inn.overs.length)) }, (_, at) => [
    overName(board, at),
    ...played.map((inn) => (at < inn.overs.length ? cell(inn, at) : "")),
  ]),
];

const wormTable = (board, played) => byOver(board, played, (inn, at) => `${inn.overs[at].z[2]}/${inn.overs[at].z[3]}`);

const oversTable = (board, played) => byOver(board, played, (inn, at) => runsAndWickets(inn.overs[at]));

const rateTable = (board, played) =>
  byOver(board, played, (inn, at) => {
    const [overs, runs] = points(inn, board)[at + 1];
    return overs ? hundredths(runs / overs) : "";
  });

function standsTable(board, played) {
  const inn = played.filter((one) => one.stands.length).at(-1);
  return [
    ["Batters", "Of them", "Runs", "Balls"],
    inn.stands.map((one) => [
      one.pair.join(" and "),
      one.by.join(" and "),
      `${one.n[0]}${one.open ? "*" : ""}`,
      `${one.n[1]}`,
    ]),
  ];
}

const named = (inn) => `${inn.short}${inn.which ? `, ${inn.which.toLowerCase()}` : ""}`;

const overName = (board, at) => (board.unit === "ball" ? `${(at + 1) * 5}` : `${at + 1}`);

function runsAndWickets(over) {
  const [runs, wickets] = over.z;
  return wickets ? `${runs}, ${wickets} ${wickets === 1 ? "wicket" : "wickets"}` : `${runs}`;
}

function worm(board, played, width) {
  const longest = Math.max(...played.map((inn) => inn.overs.length), limitOf(board, played[0]));
  const most = ceiling(Math.max(...played.map((inn) => points(inn, board).at(-1)[1]), played.at(-1).target || 0));
  const [x, y] = [scale(width, longest), rise(most)];
  const shapes = grid(board, width, longest, most);
  const names = [];
  for (const inn of played) {
    const series = inn.team === 0 ? "s1" : "s2";
    const path = points(inn, board);
    shapes.push([
      "path",
      { class: `line ${series}${inn.which === "2nd innings" ? " is-again" : ""}`, d: drawn(path, x, y) },
      "",
    ]);
    inn.overs.forEach((over, at) => {
      if (over.z[1])
        shapes.push([
          "circle",
          { class: `wicket ${series}`, cx: fixed(x(path[at + 1][0])), cy: fixed(y(path[at + 1][1])), r: "4.5" },
          "",
        ]);
    });
    const end = path.at(-1);
    if (inn === played.at(-1) && inn.open && board.phase !== "over") {
      shapes.push(["circle", { class: "now", cx: fixed(x(end[0])), cy: fixed(y(end[1])), r: "5" }, ""]);
    }
    names.push([series, `${inn.short} ${end[1]}`, x(end[0]), y(end[1])]);
  }
  shapes.push(...labels(names, width));
  return {
    id: "worm",
    title: wormTitle(board, played),
    note:
      board.unit === "ball"
        ? "Runs after every five balls. A ring is a wicket."
        : "Runs after each over. A ring is an over with a wicket.",
    desc: played
      .map(
        (inn) =>
          `${inn.title}${inn.which ? ` ${inn.which.toLowerCase()}` : ""}: ` +
          `${inn.score} after ${inn.bowled} ${board.unit}${inn.bowled === "1" ? "" : "s"}.`,
      )
      .join(" "),
    box: `0 0 ${width} ${HEIGHT}`,
    shapes,
  };
}

function wormTitle(board, played) {
  const inn = played.at(-1);
  if (!board.limited && played.length > 1) return board.status;
  if (played.length === 1) {
    return inn.rate && board.unit === "over"
      ? `${inn.short} score at ${inn.rate} an over`
      : `${inn.short} have ${inn.score}`;
  }
  const other = played.at(-2);
  const [at, runs] = points(inn, board).at(-1);
  const ahead = runs - runsAt(other, board, at);
  if (inn.open && board.phase !== "over") {
    if (!ahead) return `${inn.short} are level with ${of(other.short)} pace`;
    return `${inn.short} are ${Math.abs(ahead)} ${ahead > 0 ? "ahead of" : "behind"} ${of(other.short)} pace`;
  }
  return `${inn.short} made ${inn.score}, ${other.short} ${other.score}`;
}

function manhattan(board, played, width) {
  const some = board.limited ? played.slice(-2) : played.slice(-1);
  const longest = Math.max(...some.map((inn) => inn.overs.length), limitOf(board, some[0]));
  const most = ceiling(Math.max(...some.flatMap((inn) => inn.overs.map((over) => over.z[0]))));
  const [x, y] = [scale(width, longest), rise(most)];
  const shapes = grid(board, width, longest, most);
  const slot = x(1) - x(0);
  const bar = slot * (0.84 / some.length);
  let dear = null;
  some.forEach((inn, place) => {
    const series = inn.team === 0 ? "s1" : "s2";
    inn.overs.forEach((over, at) => {
      const [runs, wickets] = over.z;
      if (!dear || runs > dear[0]) dear = [runs, at, inn];
      const left = x(at) + slot * 0.08 + bar * place;
      if (runs) {
        shapes.push([
          "rect",
          {
            class: `col ${series}`,
            x: fixed(left),
            y: fixed(y(runs)),
            width: fixed(bar),
            height: fixed(y(0) - y(runs)),
          },
          "",
        ]);
      }
      for (let one = 0; one < wickets; one += 1) {
        const r = fixed(Math.min(4, Math.max(2, bar / 2 + 1)));
        shapes.push([
          "circle",
          { class: `wicket ${series}`, cx: fixed(left + bar / 2), cy: fixed(y(runs) - 7 - 9 * one), r },
          "",
        ]);
      }
    });
  });
  const unit = board.unit === "ball" ? `balls ${dear[1] * 5 + 1} to ${(dear[1] + 1) * 5}` : `over ${dear[1] + 1}`;
  return {
    id: "overs",
    title: `${dear[2].short} took ${dear[0]} from ${unit}`,
    note: `${some.map((inn) => `${inn.short} ${inn.team === 0 ? "hollow" : "solid"}.`).join(" ")} A ring is a wicket.`,
    desc:
      `The most runs in ${board.unit === "ball" ? "a set of five" : "an over"} were ${dear[0]}, ` +
      `by ${dear[2].title} (${unit}).`,
    box: `0 0 ${width} ${HEIGHT}`,
    shapes,
  };
}

function runRate(board, played, width) {
  const some = played.slice(-2);
  const longest = Math.max(...some.map((inn) => inn.overs.length), limitOf(board, some[0]));
  const lines = some.map((inn) =>
    points(inn, board)
      .slice(1)
      .filter(([at]) => at)
      .map(([at, runs]) => [at, runs / at]),
  );
  if (!lines.every((path) => path.length)) return null;
  const top = lines.map((path) =>
    Math.max(...path.filter(([at]) => at >= Math.min(2, path.at(-1)[0])).map(([, rate]) => rate)),
  );
  const most = ceiling(Math.max(...top));
  const [x, y] = [scale(width, longest), rise(most)];
  const shapes = grid(board, width, longest, most);
  const names = [];
  some.forEach((inn, place) => {
    const series = inn.team === 0 ? "s1" : "s2";
    const path = lines[place];
    shapes.push([
      "path",
      {
        class: `line ${series}`,
        d: drawn(
          path.map(([a, b]) => [a, Math.min(b, most)]),
          x,
          y,
        ),
      },
      "",
    ]);
    const [at, rate] = path.at(-1);
    names.push([series, `${inn.short} ${hundredths(rate)}`, x(at), y(Math.min(rate, most))]);
  });
  shapes.push(...labels(names, width));
  const inn = some.at(-1);
  const need = board.now.need.rrr;
  const each = board.unit === "ball" ? "every five balls" : "an over";
  const title = need
    ? `${inn.short} go at ${inn.rate} ${each} and need ${need}`
    : `${inn.short} ${inn.open ? "go" : "went"} at ${inn.rate} ${each}`;
  return {
    id: "rate",
    title,
    note: board.unit === "over" ? `Runs ${each}, after each over.` : "Runs every five balls.",
    desc: `${title}.`,
    box: `0 0 ${width} ${HEIGHT}`,
    shapes,
  };
}

function stands(board, played, width) {
  const inn = played.filter((one) => one.stands.length).at(-1);
  const rows = inn ? inn.stands.filter((one) => one.pair.length === 2) : [];
  if (!rows.length) return null;
  const best = rows.reduce((most, one) => (one.n[0] > most.n[0] ? one : most));
  const most = Math.max(1, best.n[0]);
  const middle = width / 2;
  const reach = middle - 12;
  const shapes = [];
  rows.forEach((one, at) => {
    const top = 10 + at * 34;
    const [first, second] = one.by;
    const runs = one.n[0];
    const size = (reach * 2 * runs) / most / 2;
    const share = first + second ? first / (first + second) : 0.5;
    const start = middle - size;
    shapes.push([
      "text",
      { class: "pair", x: "4", y: fixed(top + 10), "text-anchor": "start" },
      `${one.pair[0]} ${first}`,
    ]);
    shapes.push([
      "text",
      { class: "pair", x: fixed(width - 4), y: fixed(top + 10), "text-anchor": "end" },
      `${one.pair[1]} ${second}`,
    ]);
    shapes.push([
      "text",
      { class: "pair total", x: fixed(middle), y: fixed(top + 10), "text-anchor": "middle" },
      `${runs}${one.open ? "*" : ""}`,
    ]);
    if (runs) {
      shapes.push([
        "rect",
        { class: "col s1", x: fixed(start), y: fixed(top + 15), width: fixed(size * 2 * share), height: "8" },
        "",
      ]);
      shapes.push([
        "rect",
        {
          class: "col s2",
          x: fixed(start + size * 2 * share),
          y: fixed(top + 15),
          width: fixed(size * 2 * (1 - share)),
          height: "8",
        },
        "",
      ]);
    }
  });
  const title = `${best.pair.join(" and ")} ${best.open ? "have added" : "added"} ${best.n[0]}`;
  return {
    id: "stands",
    title,
    note: `${inn.short}: each stand by its two batters; the figure between them counts extras too.`,
    desc: `${title}, the largest of ${rows.length} ${rows.length === 1 ? "stand" : "stands"}.`,
    box: `0 0 ${width} ${14 + 34 * rows.length}`,
    shapes,
  };
}

// --- drawing -------------------------------------------------------------------------------------

const isExtra = (token) => token.endsWith("wd") || token.endsWith("nb");

function points(inn, board) {
  const found = [[0, 0]];
  inn.overs.forEach((over, at) => {
    const legal = over.balls.filter((one) => !isExtra(one.t)).length;
    found.push(["e" in over ? at + 1 : at + Math.min(legal, board.per) / board.per, over.z[2]]);
  });
  return found;
}

function runsAt(inn, board, overs) {
  const whole = Math.trunc(overs);
  const path = points(inn, board);
  if (whole >= path.length - 1) return path.at(-1)[1];
  let [legal, runs] = [0, path[whole][1]];
  const wanted = (overs - whole) * board.per;
  for (const one of inn.overs[whole].balls) {
    if (legal >= wanted - 0.01) break;
    legal += isExtra(one.t) ? 0 : 1;
    runs += tokenRuns(one.t);
  }
  return runs;
}

function tokenRuns(token) {
  const figures = token.replace(TOKEN_LETTERS, "");
  if (figures) return Number(figures);
  return token === "wd" || token === "nb" ? 1 : 0;
}

function limitOf(board, inn) {
  if (!inn.limit) return 0;
  const whole = Number(String(inn.limit).split(".")[0]);
  return board.unit === "ball" ? Math.trunc(whole / 5) : whole;
}

const STEPS = [4, 8, 12, 16, 20, 24, 28, 32, 40, 60, 80, 100, 120, 160, 200, 240, 280, 320, 400, 480, 600, 800];
const ceiling = (value) => STEPS.find((step) => value <= step) ?? (Math.trunc(value / 200) + 1) * 200;

const scale = (width, longest) => (value) => LEFT + ((width - LEFT - RIGHT) * value) / longest;
const rise = (most) => (value) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value) / most;
const drawn = (path, x, y) => `M${path.map(([a, b]) => `${fixed(x(a))} ${fixed(y(b))}`).join(" L")}`;

function grid(board, width, longest, most) {
  const [x, y] = [scale(width, longest), rise(most)];
  const shapes = [];
  for (let part = 0; part < 5; part += 1) {
    const value = (most * part) / 4;
    shapes.push(["path", { class: part ? "grid" : "base", d: `M${LEFT} ${fixed(y(value))}H${width - RIGHT}` }, ""]);
    shapes.push([
      "text",
      { class: "tick", x: `${LEFT - 6}`, y: fixed(y(value) + 4), "text-anchor": "end" },
      figure(value),
    ]);
  }
  const step = [1, 2, 5, 10, 20, 25, 50, 100, 1000].find((each) => longest / each <= (width > 500 ? 8 : 5));
  for (let over = step; over <= longest; over += step) {
    shapes.push([
      "text",
      { class: "tick", x: fixed(x(over)), y: `${HEIGHT - 8}`, "text-anchor": "middle" },
      `${board.unit === "ball" ? over * 5 : over}`,
    ]);
  }
  return shapes;
}

function labels(names, width) {
  const shapes = [];
  const taken = [];
  for (const [series, words, x, y] of names) {
    let at = Math.max(12, y - 8);
    while (taken.some((other) => Math.abs(at - other) < 15)) at += 15;
    taken.push(at);
    const place =
      x < width / 2
        ? { x: fixed(x + 9), "text-anchor": "start" }
        : { x: fixed(Math.min(x, width - RIGHT)), "text-anchor": "end" };
    shapes.push(["text", { class: `name ${series}`, y: fixed(at), ...place }, words]);
  }
  return shapes;
}

const figure = (value) => (Number.isInteger(value) ? `${value}` : value.toFixed(1));
const fixed = (value) => (Math.trunc(value * 10 + 0.5) / 10).toFixed(1);

function hundredths(value) {
  const whole = Math.trunc(value * 100 + 0.5);
  return `${Math.trunc(whole / 100)}.${String(whole % 100).padStart(2, "0")}`;
}

const of = (name) => (name.endsWith("s") ? `${name}’` : `${name}’s`);
