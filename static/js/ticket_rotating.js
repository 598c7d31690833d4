// Codes that change: every 15 seconds the eight digits of the ticket's own secret are put behind the code, and it is
// drawn again. No network needed.
import { fromBase64 } from "./gate/code.js";
import { digitsAt, STEP } from "./gate/rotating.js";

const QUIET = 4; // modules of white around the code
const OFFSET = "ticket-clock-offset";

// How far the server's clock is ahead of this one, in ms. A page from the network says what time it was there when it
// was made; one that was kept says it of long ago, so the last one known counts.
export function clockOffset(root = document.documentElement) {
  const said = Number(document.querySelector("[data-server-now]")?.dataset.serverNow);
  const visit = performance.getEntriesByType("navigation")[0];
  if (!said || root.dataset.kept !== undefined) return Number(read(OFFSET)) || 0;
  const offset = said - (Date.now() - (visit ? Math.max(0, performance.now() - visit.responseStart) : 0));
  write(OFFSET, String(Math.round(offset)));
  return offset;
}

const read = (name) => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};
const write = (name, value) => {
  try {
    localStorage.setItem(name, value);
  } catch {
    /* private window: the offset lasts as long as the page */
  }
};

// The dark modules of a Bitmap2D of lean-qr as one SVG path, with the quiet zone.
export function pathOf(code) {
  let path = "";
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) {
      let run = 0;
      while (x + run < code.size && code.get(x + run, y)) run += 1;
      if (run) path += `M${x + QUIET} ${y + QUIET}h${run}v1h-${run}z`;
      x += run;
    }
  }
  return path;
}

function draw(figure, code) {
  const picture = figure.querySelector("svg"),
    size = code.size + 2 * QUIET;
  picture.setAttribute("viewBox", `0 0 ${size} ${size}`);
  picture.querySelector("path").setAttribute("d", pathOf(code));
  figure.dispatchEvent(new Event("drawn"));
}

export async function start() {
  const { generate, correction } = await import("../vendor/lean-qr/lean-qr.js");
  const offset = clockOffset();
  const figures = [...document.querySelectorAll(".code[data-secret]")];
  const secrets = figures.map((figure) => fromBase64(figure.dataset.secret));
  const rings = figures.map((figure) => figure.closest(".ticket-code").querySelector(".turn-left"));
  let drawn = null;

  async function turn() {
    const now = (Date.now() + offset) / 1000;
    const left = STEP - Math.floor(now % STEP);
    for (const ring of rings) ring.setAttribute("stroke-dasharray", `${left} ${STEP}`);
    const step = Math.floor(now / STEP);
    if (step === drawn) return;
    drawn = step;
    for (const [i, figure] of figures.entries()) {
      const text = `${figure.dataset.code}/${await digitsAt(secrets[i], now)}`;
      draw(figure, generate(text, { minCorrectionLevel: correction.M }));
      figure.dataset.step = String(step);
      const card = figure.closest(".ticket-code");
      card.querySelector("[data-still]").hidden = true;
      card.querySelector("[data-turning]").hidden = false;
    }
  }

  await turn();
  // Ten times in a step at least, so that a new one is late by a blink only; a hidden page is slowed down by the
  // browser, and catches up when seen.
  setInterval(turn, 500);
  document.addEventListener("visibilitychange", turn);
}
