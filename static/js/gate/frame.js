// The frame of the gate's page: what is shown just now, the bar over it, and what all of its parts know.
import { h, icon } from "../scorer/dom.js";

export const AMBER = 15 * 60_000; // milliseconds after which a list counts as old

export const root = document.querySelector("[data-phone]");
const bar = root.querySelector(".gate-bar");
export const screen = root.querySelector("[data-screen]");
export const video = h("video", { muted: true, playsInline: true, "aria-hidden": "true" });
export const page = {
  scanner: null,
  camera: null,
  view: null,
  turn: 0, // which drawing of the screen is the newest
  verdict: null,
  reading: null,
  timer: null,
  hint: null,
  torch: false,
  sound: true,
  testing: false,
  storageFails: false,
  battery: null,
  took: [],
  wake: null,
  decoder: false,
  last: null,
};

export function time() {
  return page.scanner.bundle?.stadium.time_zone;
}

export function drawBar() {
  const { scanner } = page;
  const name = scanner.bundle
    ? scanner.isCarPark
      ? scanner.here()
      : scanner.here()
        ? `Gate ${scanner.here()}`
        : scanner.bundle.device.name
    : "Gate scanner";
  const state = scanner.link.state;
  const words = { online: "Online", slow: "Slow", offline: "Offline" };
  bar.replaceChildren(
    h("h1.gate-name", {}, name),
    scanner.bundle
      ? h(
          `span.gate-net.is-${state}`,
          { role: "status" },
          icon(state === "offline" ? "offline" : "online"),
          words[state],
        )
      : "",
    scanner.bundle ? h("span.gate-count", {}, h("b", {}, String(scanner.counts.here)), " in") : "",
  );
}

export function show(view, ...parts) {
  page.view = view;
  page.turn += 1;
  root.dataset.view = view;
  screen.replaceChildren(...parts.flat().filter(Boolean));
  // A video that leaves the page for a moment stands still until it is told to go on.
  if (page.camera?.running && video.isConnected) video.play().catch(() => {});
  drawBar();
}

/** What this phone is, as its browser says it: the name in the supervisor's list. */
export function phoneName() {
  const found = navigator.userAgent.match(/\(([^)]+)\)/)?.[1] ?? "";
  return (
    (
      /iPhone|iPad/.exec(found)?.[0] ??
      /Android[^;]*;\s*([^;)]+)/.exec(found)?.[1] ??
      found.split(";")[0] ??
      "Phone"
    ).slice(0, 40) || "Phone"
  );
}
