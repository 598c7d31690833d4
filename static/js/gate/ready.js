// Before the doors open: what the phone has, and what it lacks.
import { button, h, icon } from "../scorer/dom.js";
import { openSound, play } from "./feedback.js";
import { AMBER, page, show, time, video } from "./frame.js";
import { lengthOf } from "./notices.js";
import { ago, clockOf } from "./verdict.js";

/** Draws the checks; its buttons turn the camera on and begin the scanning. */
export async function drawReadiness(acts) {
  const { startCamera, begin } = acts;
  const again = () => drawReadiness(acts);
  const { scanner } = page;
  const seen = scanner.readiness();
  const estimate = await navigator.storage?.estimate?.().catch(() => null);
  const free = estimate ? Math.round((estimate.quota - estimate.usage) / 1e6) : null;
  await lookAtBattery();
  const event = scanner.bundle.event;
  const skew = Math.round(Math.abs(seen.skew) / 1000);
  const check = (good, name, words) =>
    h(`li${good ? "" : ".is-warn"}`, {}, icon(good ? "check" : "alert"), h("b", {}, name), h("span", {}, words));
  const old = Number.isFinite(seen.listAge) ? ago(seen.listAge) : "never";
  show(
    "ready",
    h(
      "div.gate-words",
      {},
      h("h2", {}, "Ready for the doors?"),
      h("p", {}, [event?.name, scanner.bundle.stadium.name].filter(Boolean).join(", ")),
    ),
    h(
      "ul.gate-checks",
      {},
      check(
        seen.listAge < AMBER,
        "List of tickets",
        `${seen.rights.toLocaleString("en-GB")} tickets and passes, ` +
          `${seen.revoked.toLocaleString("en-GB")} revoked. Confirmed ${old}.`,
      ),
      check(
        seen.state === "online",
        "Network",
        {
          online: "Good.",
          slow: "Slow. This phone decides by itself and the server confirms behind.",
          offline: "None. This phone decides by itself.",
        }[seen.state],
      ),
      check(skew < 120 && !seen.jump && seen.isSure, "Clock", clockWords(seen, skew)),
      check(
        page.camera?.running && page.decoder,
        "Camera",
        page.camera?.running
          ? page.decoder
            ? "Sees and reads."
            : "Sees; the decoder is still loading."
          : "Off. Turn it on below; typed codes and a scanner that types work without it.",
      ),
      check(
        !page.storageFails && (free === null || free > 50),
        "Storage",
        page.storageFails
          ? "This phone cannot keep scans. Do not use it."
          : `${free === null ? "Room" : `${free.toLocaleString("en-GB")} MB`} free. ` +
              (seen.waiting === 1 ? "1 scan waits to be sent." : `${seen.waiting} scans wait to be sent.`),
      ),
      check(
        page.battery === null || page.battery > 0.3,
        "Battery",
        page.battery === null
          ? "This browser does not say. Look at the top of the screen."
          : `${Math.round(page.battery * 100)} per cent.`,
      ),
      check(seen.expiresAt - scanner.link.serverNow > 3_600_000, "Paired until", clockOf(seen.expiresAt, time())),
      seen.setAside
        ? check(
            false,
            "Set aside",
            `${seen.setAside} ${seen.setAside === 1 ? "scan" : "scans"} could not be read by the server. ` +
              "Show this phone to the supervisor.",
          )
        : null,
    ),
    page.camera?.running ? h("div.finder.is-small", {}, video) : null,
    h(
      "div.gate-foot",
      {},
      page.camera?.running ? null : button("Turn the camera on", () => startCamera().then(again), { sign: "camera" }),
      page.testing ? h("p", { role: "status" }, page.testing) : null,
      h(
        "div.gate-row",
        {},
        button("Try a code", () => {
          page.testing = "Hold a code in front of the camera. Nothing is recorded.";
          again();
        }),
        button(
          "Try the sound",
          () => {
            openSound();
            play("rising", [60]);
          },
          { sign: "sound" },
        ),
      ),
      button("Start scanning", begin, { kind: "is-main", sign: "gate" }),
    ),
  );
}

function clockWords({ jump, isSure }, skew) {
  if (jump)
    return (
      `This phone's clock went ${jump > 0 ? "forward" : "back"} by ${lengthOf(jump)}. ` +
      "Tickets are judged by the time since the last contact."
    );
  if (!isSure) return "Not confirmed since this page was opened. No ticket is refused for it.";
  return skew < 2
    ? "Right."
    : `${skew < 120 ? `${skew} seconds` : lengthOf(skew * 1000)} off. Scans are corrected by it.`;
}

async function lookAtBattery() {
  try {
    page.battery = (await navigator.getBattery?.())?.level ?? null;
  } catch {
    page.battery = null;
  }
}
