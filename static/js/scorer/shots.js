// Where the last ball went and how long it was: one tap beside the keys after the ball, or a sheet with names and
// shortcuts. Nobody is asked, and nothing waits for it.
import { h, key } from "./dom.js";
import { lastName, nameOf } from "./fold.js";
import { LENGTHS, placesOf, placeWords } from "./regions.js";
import { openSheet } from "./sheet.js";
import { ballText } from "./words.js";

const REACH = 112; // half of the drawing, in hundredths of the way to the boundary
const HANDS = [
  ["right", "Right-hander"],
  ["left", "Left-hander"],
];

// The hand that a batter was said to bat with, else what the squad knows; null where nobody does.
function handOf(app, id) {
  return app.state.hands.get(id) ?? app.squads.flat().find((player) => player.key === id)?.hand ?? null;
}

function lastBall(app) {
  const innings = app.innings ?? app.state.innings.at(-1) ?? null;
  return { innings, ball: innings?.overs.at(-1)?.balls.at(-1) ?? null };
}

function say(app, ball, parts) {
  const hand = handOf(app, ball.striker);
  const known = hand && "x" in parts ? { hand: { player: ball.striker, hand } } : {};
  app.act("shot", { of: ball.key, ...parts, ...known });
}

// What is chosen is taken away by choosing it again.
const setLength = (app, ball, length) => say(app, ball, { length: ball.shot?.length === length ? null : length });

const SVG = "http://www.w3.org/2000/svg";

function shape(tag, attributes, words = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = words;
  return node;
}

// The field to tap on: pointers only, the names say the same to everybody else.
function drawField(tap) {
  const mark = shape("circle", { class: "shot-mark", r: "7" });
  const way = shape("path", { class: "shot-way" });
  const side = (x) => shape("text", { x: String(x), y: "4", "text-anchor": "middle" });
  const sides = [side(-74), side(74)];
  const svg = shape("svg", {
    class: "shot-field",
    viewBox: `${-REACH} ${-REACH} ${2 * REACH} ${2 * REACH}`,
    "aria-hidden": "true",
  });
  svg.append(
    shape("circle", { class: "shot-grass", r: "100" }),
    shape("rect", { class: "shot-pitch", x: "-5", y: "-27", width: "10", height: "32" }),
    shape("text", { x: "0", y: "-82", "text-anchor": "middle" }, "Bowler"),
    ...sides,
    way,
    mark,
  );
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.x) / box.width - 0.5) * 2 * REACH;
    const y = (0.5 - (event.clientY - box.y) / box.height) * 2 * REACH;
    const far = Math.max(1, Math.hypot(x, y) / 100);
    // Towards the middle, so that what is on the rope stays inside.
    tap(Math.trunc(x / far), Math.trunc(y / far));
  });
  return {
    svg,
    show(shot, hand) {
      const placed = typeof shot?.x === "number";
      svg.classList.toggle("is-placed", placed);
      if (placed) {
        mark.setAttribute("cx", shot.x);
        mark.setAttribute("cy", -shot.y);
        way.setAttribute("d", `M0 0 L${shot.x} ${-shot.y}`);
      }
      sides.forEach((each, i) => {
        each.textContent = hand ? ((hand === "left") === (i === 0) ? "Off" : "Leg") : "";
      });
    },
  };
}

// A row of small choices, each pressed or not.
function chips(name, options, choose) {
  const buttons = options.map(([value, words]) =>
    h("button.shot-chip", { type: "button", value, "aria-pressed": "false", onclick: () => choose(value) }, words),
  );
  return {
    node: h("div.shot-chips", { role: "group", "aria-label": name }, buttons),
    show(value) {
      for (const each of buttons) each.setAttribute("aria-pressed", String(each.value === value));
    },
  };
}

const LENGTH_WORDS = LENGTHS.map((length) => [length, length.charAt(0).toUpperCase() + length.slice(1)]);

export const ballName = (app, innings, ball) =>
  `${ball.label}, ${ballText(ball).replace("•", "no run")}, ${lastName(nameOf(app.state, innings.team, ball.striker))}`;

// The strip beside the keys. It is made once and only changes its marks, so that nothing moves and no focus is lost.
export function makeStrip(app, place) {
  const now = () => lastBall(app).ball;
  const field = drawField((x, y) => app.mayWrite && now() && say(app, now(), { x, y }));
  const lengths = chips("How long was it?", LENGTH_WORDS, (length) => setLength(app, now(), length));
  const hands = chips("The batter is a", HANDS, (hand) => say(app, now(), { hand: { player: now().striker, hand } }));
  const about = h("small", {});
  const open = h(
    "button.button.shot-open",
    { type: "button", "aria-keyshortcuts": "G", onclick: () => shotSheet(app, lastBall(app)) },
    h("span", {}, "Where did it go?", h("kbd", { "aria-hidden": "true" }, "G")),
    about,
  );
  place.replaceChildren(open, field.svg, lengths.node, hands.node);
  return () => {
    const { innings, ball } = lastBall(app);
    place.hidden = !app.mayWrite;
    const idle = !ball;
    place.classList.toggle("is-idle", idle);
    for (const each of place.querySelectorAll("button")) each.disabled = idle;
    const hand = ball ? handOf(app, ball.striker) : null;
    const placed = typeof ball?.shot?.x === "number" ? `: ${placeWords(ball.shot.x, ball.shot.y, hand)}` : "";
    about.textContent = ball ? `${ballName(app, innings, ball)}${placed}` : "after a ball";
    field.show(ball?.shot, hand);
    lengths.show(ball?.shot?.length);
    hands.show(hand);
  };
}

// The same as a sheet, for small screens, for the keyboard, and for balls further back.
export function shotSheet(app, { innings, ball }) {
  const placed = (x, y) => {
    sheet.close();
    say(app, ball, { x, y });
  };
  const field = drawField(placed);
  const lengths = chips("How long was it?", LENGTH_WORDS, (length) => {
    setLength(app, current(), length);
    show();
  });
  const hands = chips("The batter is a", HANDS, (hand) => {
    say(app, ball, { hand: { player: ball.striker, hand } });
    show();
  });
  const names = h("div.shot-names", { role: "group", "aria-label": "Where did it go?" });
  // The state is folded anew with each entry, and the ball with it.
  function current() {
    const fresh = app.state.innings[innings.index];
    return fresh?.overs.flatMap((over) => over.balls).find((each) => each.key === ball.key) ?? ball;
  }
  function show() {
    const { shot, bat, non_boundary: run } = current();
    const hand = handOf(app, ball.striker);
    const far = (bat === 4 || bat === 6) && !run ? 100 : 60;
    field.show(shot, hand);
    lengths.show(shot?.length);
    hands.show(hand);
    names.replaceChildren(
      ...placesOf(hand, far).map(([words, x, y], i) =>
        key(words.charAt(0).toUpperCase() + words.slice(1), { kind: "is-name", letter: String((i + 1) % 10) }, () =>
          placed(x, y),
        ),
      ),
    );
  }
  const sheet = openSheet(
    `Where did it go? Ball ${ball.label}`,
    h("div.shot-sheet", {}, lengths.node, hands.node, field.svg, names),
  );
  sheet.dialog.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const found = sheet.dialog.querySelector(`[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
    if (!found) return;
    // The sheet is closed before the keys hear of it, and a 3 must not become three runs.
    event.preventDefault();
    found.click();
  });
  show();
}
