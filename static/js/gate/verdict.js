// A verdict on the whole screen: colour, shape and word say the same three times.
import { h, icon, plates } from "../scorer/dom.js";
import { OVERRIDABLE, WORDS } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  "is-in": [
    ["circle", { cx: 50, cy: 50, r: 46 }],
    ["path", { d: "M27 52l16 16 31-35" }],
  ],
  "is-stop": [
    ["path", { d: "M31 4h38l27 27v38L69 96H31L4 69V31z" }],
    ["path", { d: "M33 33l34 34M67 33 33 67" }],
  ],
  "is-turn": [
    ["path", { d: "M50 3 97 50 50 97 3 50z" }],
    ["path", { d: "M28 50h42M54 33l17 17-17 17" }],
  ],
  "is-void": [
    ["path", { d: "M31 4h38l27 27v38L69 96H31L4 69V31z" }],
    ["path", { d: "M22 50h56" }],
  ],
};
const TYPES = { adult: "Adult", child: "Child", concession: "Concession" };

function mark(look) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "verdict-mark");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, attributes] of SHAPES[look]) {
    const shape = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
    svg.append(shape);
  }
  return svg;
}

export function clockOf(ms, zone) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(ms);
}

export function ago(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "less than a minute ago";
  if (minutes < 60) return `${minutes} ${minutes === 1 ? "minute" : "minutes"} ago`;
  const hours = Math.floor(minutes / 60);
  return `${hours} ${hours === 1 ? "hour" : "hours"} ago`;
}

export function seatWords(label) {
  if (!label) return "";
  if (label.carPark) return label.carPark;
  return label.seat ? `${label.stand}, row ${label.row}, seat ${label.seat}` : `${label.stand}, unreserved`;
}

export function whoWords(each) {
  const kind = each.flags & 2 ? "wheelchair space" : each.flags & 4 ? "companion" : null;
  return [TYPES[each.type] ?? each.type, kind].filter(Boolean).join(", ");
}

const waitingOf = (verdict) => (verdict.booking ?? []).filter((other) => other.status === 0 || other.status === 3);

// `act` has {next, override(verdict), admit(verdict, hashes), choose(verdict)}; `zone` is the ground's time zone, `now`
// the server's time.
export function drawVerdict(verdict, { act, zone, now }) {
  const words = WORDS[verdict.outcome];
  const isIn = words.look === "is-in";
  const elsewhere = verdict.outcome === "wrong_gate" && !verdict.right?.code; // to a car park, which has a name
  const body = [mark(words.look), h("h2", { id: "verdict-h" }, elsewhere ? "Go to" : words.word)];
  if (verdict.outcome === "wrong_gate") {
    if (verdict.right?.code)
      body.push(
        h("p.verdict-gate", {}, plates(verdict.right.code, `Gate ${verdict.right.code}`)),
        h("p", {}, words.sentence),
      );
    else body.push(h("p.verdict-gate.is-long", {}, verdict.right?.name ?? "another gate"), h("p", {}, words.sentence));
  } else if (verdict.outcome === "already_used") {
    if (verdict.firstAt) {
      const first = verdict.firstGate ?? "another gate";
      const gate = /^.{1,3}$/.test(first) ? `Gate ${first}` : first;
      body.push(h("p.verdict-fact", {}, `${clockOf(verdict.firstAt, zone)} at ${gate}`));
    }
    body.push(
      h(
        "p",
        {},
        [verdict.firstAt ? `${ago(now - verdict.firstAt).replace(/^l/, "L")}.` : null, words.sentence]
          .filter(Boolean)
          .join(" "),
      ),
    );
  } else if (words.sentence) body.push(h("p", {}, words.sentence));
  if (verdict.plate) body.push(h("p.verdict-plate", {}, plates(verdict.plate, `Number plate ${verdict.plate}`)));
  if (isIn && verdict.label?.seat) {
    const cell = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, plates(value)));
    body.push(
      h(
        "dl.verdict-seat",
        {},
        cell("Bay", verdict.label.bay),
        cell("Row", verdict.label.row),
        cell("Seat", verdict.label.seat),
      ),
    );
    body.push(h("p", {}, [whoWords(verdict), verdict.label.stand].filter(Boolean).join(", ")));
  } else if (verdict.label)
    body.push(h("p", {}, [whoWords(verdict), seatWords(verdict.label)].filter(Boolean).join(", ")));
  if (verdict.local && verdict.outcome === "admitted") body.push(h("p.verdict-how", {}, "Checked on this phone"));

  const buttons = [];
  const others = waitingOf(verdict);
  if (verdict.outcome === "admitted" && others.length) {
    const pair = others.find((other) => other.flags & 6 && verdict.flags & 6);
    const one = others.length === 1;
    buttons.push(
      h(
        "button.big.is-main",
        {
          type: "button",
          onclick: () =>
            act.admit(
              verdict,
              others.map((other) => other.hash),
            ),
        },
        icon(pair ? "access" : "users"),
        one && pair
          ? `Admit the ${pair.flags & 4 ? "companion" : "wheelchair space"}, too`
          : one
            ? "Admit the other one, too"
            : `Admit all ${others.length + 1} of this booking`,
      ),
    );
    if (!one)
      buttons.push(
        h("button.big", { type: "button", onclick: () => act.choose(verdict) }, icon("list"), "Only some came"),
      );
  }
  if (OVERRIDABLE.has(verdict.outcome)) {
    const said =
      verdict.outcome === "check_identity"
        ? "Identity checked, let in"
        : verdict.outcome === "wrong_gate"
          ? "Let in here, with a reason"
          : "Let in, with a reason";
    buttons.push(h("button.big", { type: "button", onclick: () => act.override(verdict) }, icon("check"), said));
  }
  buttons.push(
    h(
      `button.big${isIn && !others.length ? ".is-main" : ""}`,
      { type: "button", onclick: act.next, autofocus: true },
      icon("camera"),
      "Next",
    ),
  );
  return h(
    `section.verdict-screen.${words.look}`,
    { role: isIn ? "status" : "alert", "aria-labelledby": "verdict-h", "data-verdict": verdict.outcome },
    h("div.verdict", { onclick: act.next }, body),
    h("div.verdict-act", {}, buttons),
  );
}
