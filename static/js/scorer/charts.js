// What the board of a wide console has room for: the partnership at the wicket, and the worm of both sides. Drawn from
// the console's own fold, so without a network, too. It takes the room that is left, and never more.
import { h, svg } from "./dom.js";
import { ballsGone, lastName, nameOf, oversText, targetOf } from "./fold.js";
import { many } from "./words.js";

// So few overs are drawn ball by ball.
const SHORT = 10;
const USUAL_RATE = 6;

/** The charts of an innings, as nodes for the board; none where there is nothing to draw. */
export function drawCharts(state, innings) {
  const drawn = [stand(state, innings), worm(state, innings)].filter(Boolean);
  return drawn.length ? [h("div.console-charts", {}, h("div.charts", {}, drawn))] : [];
}

// Runs, balls and each batter's share of the two at the wicket.
function stand(state, innings) {
  const { partnership } = innings;
  if (!partnership || innings.ended) return null;
  const { runs, balls, by, pair } = partnership;
  const shares = pair.map((id) => [lastName(nameOf(state, innings.team, id)), by.get(id) ?? 0]);
  const extras = runs - shares.reduce((all, [, made]) => all + made, 0);
  if (extras > 0) shares.push(["extras", extras]);
  const words = shares.map(([name, made]) => `${name} ${made}`).join(", ");
  let from = 0;
  const bars = shares.map(([, made], i) => {
    const bar = svg("rect", { class: `share-${i}`, x: from, y: 0, width: made, height: 1 });
    from += made;
    return bar;
  });
  return h(
    "figure.stand",
    { role: "img", "aria-label": `Partnership: ${many(runs, "run")} off ${many(balls, "ball")}. ${words}.` },
    h("p.stand-head", {}, h("span.label", {}, "Partnership"), h("b", {}, `${runs} (${balls})`)),
    svg("svg", { viewBox: `0 0 ${Math.max(1, runs)} 1`, preserveAspectRatio: "none" }, ...bars),
    h(
      "p.stand-shares",
      {},
      shares.map(([name, made]) => h("span", {}, `${name} `, h("b", {}, String(made)))),
    ),
  );
}

// The innings that are drawn against each other: this one, and the last of the other side; of super overs, the pair.
function drawnTogether(state, innings) {
  const before = state.innings
    .slice(0, innings.index)
    .filter((each) => each.super_over === innings.super_over && each.team !== innings.team && each.overs.length);
  const supers = state.innings.filter((each) => each.super_over);
  const opens = innings.super_over && supers.indexOf(innings) % 2 === 0;
  return [opens ? null : before.at(-1), innings.overs.length ? innings : null].filter(Boolean);
}

// {path: [[overs, runs], …], falls: the same of each wicket} of an innings, by its balls or by its overs.
function lineOf(innings, byBall) {
  const path = [[0, 0]];
  const falls = [];
  for (const over of innings.overs) {
    let legal = 0;
    for (const ball of over.balls) {
      if (ball.legal) legal += 1;
      const at = [over.number + Math.min(legal, innings.per_over) / innings.per_over, ball.score];
      if (byBall) path.push(at);
      if (ball.wickets.some((wicket) => !wicket.kind.startsWith("retired"))) falls.push(at);
    }
    if (!byBall && over.complete) path.push([over.number + 1, over.balls.at(-1)?.score ?? path.at(-1)[1]]);
  }
  path.push([ballsGone(innings) / innings.per_over, innings.runs]);
  return { path, falls };
}

function worm(state, innings) {
  const some = drawnTogether(state, innings);
  if (!some.length) return null;
  const limit = innings.overs_limit === null ? 0 : Number(innings.overs_limit.split(".")[0]);
  const longest = Math.max(1, limit, ...some.map((each) => Math.ceil(ballsGone(each) / each.per_over)));
  const target = innings.ended ? null : targetOf(state, innings);
  // The first overs of a limited innings lie low, where its end leaves them.
  const most = Math.max(limit * USUAL_RATE, target ?? 1, ...some.map((each) => each.runs)) * 1.05;
  const x = (overs) => ((overs / longest) * 100).toFixed(2);
  const y = (runs) => (100 - (runs / most) * 100).toFixed(2);
  const shapes = some.flatMap((each) => {
    const { path, falls } = lineOf(each, longest <= SHORT);
    const who = each === innings ? "is-mine" : "is-other";
    return [
      svg("path", { class: `worm-line ${who}`, d: `M${path.map(([at, runs]) => `${x(at)} ${y(runs)}`).join("L")}` }),
      ...falls.map(([at, runs]) => svg("path", { class: `worm-fall ${who}`, d: `M${x(at)} ${y(runs)}h0` })),
    ];
  });
  const told = (each) => `${each.runs}/${each.wickets}`;
  const unit = innings.per_over === 5 ? "set" : "over";
  const words = some.map((each) => `${state.teams[each.team].name} ${told(each)} after ${many(oversText(each), unit)}`);
  return h(
    "figure.worm",
    { role: "img", "aria-label": `Worm: ${words.join("; ")}.` },
    h(
      "p.worm-head",
      {},
      h("span.label", {}, "Worm"),
      some.map((each) =>
        h(
          `span.worm-key${each === innings ? ".is-mine" : ".is-other"}`,
          {},
          `${state.teams[each.team].short} ${told(each)}`,
        ),
      ),
    ),
    svg(
      "svg",
      { viewBox: "0 0 100 100", preserveAspectRatio: "none" },
      ...(target === null ? [] : [svg("path", { class: "worm-target", d: `M0 ${y(target)}H100` })]),
      ...shapes,
    ),
    h("p.worm-foot", {}, h("span", {}, "0"), h("span", {}, many(longest, unit))),
  );
}
