// A scanner on a cable or by Bluetooth types what it reads and ends it with Enter, with a Tab, or with nothing. Some
// are slow; Caps Lock turns their letters round; and where the scanner and the phone are set to different keyboards
// the signs come out as others. So every reading of the keys is handed on, and the signature tells which is the code.
import { parse, verify } from "./code.js";

const PAUSE = 500; // milliseconds without a key after which a text is whole: slow scanners take 80 to 120 a key
const SHORTEST = 4;

// What a key means on other keyboards, by its place on an American one: the plain sign and the one with Shift.
const AMERICAN = { Minus: "-_", Equal: "=+", Semicolon: ";:", Period: ".>", Slash: "/?", Space: "  ", Digit3: "3#" };
const DIGITS = { Digit4: "4$", Digit5: "5%", Digit8: "8*" };
const LAYOUTS = [
  { ...AMERICAN, ...DIGITS },
  {
    ...{ KeyY: "zZ", KeyZ: "yY", Slash: "-_", Period: ".:", BracketRight: "+*", Backslash: "#'", Space: "  " },
    ...{ Digit3: "3§", Digit4: "4$", Digit5: "5%", Digit7: "7/", Digit0: "0=" },
  },
  {
    ...{ KeyQ: "aA", KeyA: "qQ", KeyW: "zZ", KeyZ: "wW", Semicolon: "mM", Digit3: '"3', Digit6: "-6", Equal: "=+" },
    ...{ Comma: ";.", Period: ":/", Quote: "ù%", Backslash: "*µ", BracketRight: "$£", Space: "  " },
    ...Object.fromEntries(["à0", "&1", "é2", "'4", "(5", "è7", "_8", "ç9"].map((two) => [`Digit${two[1]}`, two])),
  },
];

const PLAIN = /^(?:Key([A-Z])|Digit(\d)|Numpad(\d))$/;

// What the keys spell on a keyboard of this layout; what stands on none of its keys is as the phone read it.
function spelled(strokes, layout) {
  return strokes
    .map(({ key, code, shift }) => {
      if (code in layout) return layout[code][Number(shift)];
      const [, letter, digit, pad] = PLAIN.exec(code) ?? [];
      if (letter) return shift ? letter : letter.toLowerCase();
      return digit ?? pad ?? (key.length === 1 ? key : "");
    })
    .join("");
}

const swapped = (text) =>
  text.replace(/\p{L}/gu, (sign) => (sign === sign.toLowerCase() ? sign.toUpperCase() : sign.toLowerCase()));

// Every text that these keys may have meant, the likeliest first. A stroke is {key, code, shift}.
export function readings(strokes) {
  const typed = strokes.map(({ key }) => (key.length === 1 ? key : "")).join("");
  const texts = [typed, ...LAYOUTS.map((layout) => spelled(strokes, layout))];
  return [...new Set(texts.flatMap((text) => [text, swapped(text), text.toUpperCase()]))];
}

// The signed code among these texts: the one whose signature is by one of these keys, or else the first that looks
// like one. Null when none does.
export async function ticketIn(texts, keys) {
  const likely = texts.filter((text) => text.startsWith("CV1:"));
  for (const text of likely) {
    const code = parse(text);
    const key = code.problem ? null : keys.get(code.key);
    if (key && (await verify(key.public, code.signature, code.message))) return text;
  }
  return likely[0] ?? null;
}

// The pairing link among these texts, or null.
export const pairingIn = (texts) => texts.find((text) => /^https?:\/\/\S+#pair=[\w-]{16,}$/.test(text)) ?? null;

// Calls onTexts with the readings of each text that a scanner typed. What is typed into a field is the field's own,
// unless it is a ticket or a pairing link.
export function listen(target, onTexts, now = () => performance.now(), timer = (...all) => setTimeout(...all)) {
  let strokes = [];
  let last = -Infinity;
  let ended = -Infinity; // when a text was handed on: what else ends it presses nothing
  let inField = false;

  const take = () => {
    const texts = readings(strokes);
    const isScan = strokes.length >= SHORTEST && (!inField || texts.some((text) => /^CV1:|#pair=/.test(text)));
    strokes = [];
    if (isScan) {
      ended = now();
      onTexts(texts);
    }
    return isScan;
  };
  // Whoever touches the page meant the next key.
  target.addEventListener("pointerdown", () => {
    ended = -Infinity;
  });
  target.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (event.repeat && event.key === "Enter") return void event.preventDefault(); // held down, it presses once
      const at = now();
      if (at - last >= PAUSE) strokes = [];
      const isFirst = !strokes.length;
      if (event.key === "Enter" || event.key === "Tab") {
        last = at;
        if (isFirst ? at - ended < PAUSE : take()) {
          event.preventDefault();
          event.stopPropagation();
        }
      } else if (event.key.length === 1 || event.key === "Dead") {
        last = at;
        if (isFirst) inField = Boolean(event.target.closest?.("input, textarea"));
        strokes.push({ key: event.key, code: event.code ?? "", shift: Boolean(event.shiftKey) });
        // What belongs to no field must press no button either.
        if (strokes.length > 2 && !inField) event.preventDefault();
        const length = strokes.length;
        timer(() => {
          if (strokes.length === length && now() - last >= PAUSE) take();
        }, PAUSE);
      }
    },
    true,
  );
}
