// The colours of the page's theme as the canvas needs them: read once, and again when the theme changes.
const TOKENS = {
  back: "--page",
  surface: "--surface",
  sunk: "--sunk",
  ink: "--ink",
  ink2: "--ink-2",
  ink3: "--ink-3",
  line: "--line",
  strong: "--line-strong",
  ball: "--ball",
  ballInk: "--ball-ink",
  plate: "--plate",
  plateInk: "--plate-ink",
  grass1: "--grass-1",
  grass2: "--grass-2",
  rope: "--rope",
  pitch: "--pitch",
  sold: "--seat-sold",
  other: "--seat-other",
  access: "--seat-access",
  focus: "--focus",
  concrete: "--concrete",
};

function parts(colour) {
  const hex = colour.replace("#", "");
  const wide = hex.length === 3 ? [...hex].map((c) => c + c).join("") : hex;
  return [0, 2, 4].map((k) => parseInt(wide.slice(k, k + 2), 16));
}

/** Share `k` of one colour in another; colours that are not written in hexadecimal stay as they are. */
export function mix(colour, into, k) {
  const a = parts(colour),
    b = parts(into);
  if (![...a, ...b].every(Number.isFinite)) return colour;
  return `rgb(${a.map((v, i) => Math.round(v * k + b[i] * (1 - k))).join(" ")})`;
}

/** readPalette(element) → colours by name, and the fonts of the page. */
export function readPalette(element) {
  const css = getComputedStyle(element);
  const value = (name) => css.getPropertyValue(name).trim();
  const palette = Object.fromEntries(Object.entries(TOKENS).map(([key, name]) => [key, value(name) || "#888888"]));
  palette.bands = ["a", "b", "c", "d", "e"].map((letter) => value(`--band-${letter}`) || "#446688");
  palette.bandInks = ["a", "b", "c", "d", "e"].map((letter) => value(`--band-${letter}-ink`) || "#ffffff");
  palette.washes = palette.bands.map((colour) => mix(colour, palette.surface, 0.22));
  palette.floor = palette.surface;
  palette.shade = mix(palette.ink, palette.surface, 0.11);
  palette.hatch = mix(palette.strong, palette.sunk, 0.55);
  palette.apron = mix(palette.concrete, palette.back, 0.5);
  palette.display = value("--display") || "sans-serif";
  palette.text = value("--text") || "sans-serif";
  return palette;
}
