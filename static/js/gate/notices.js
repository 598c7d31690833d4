// What stands over the finder when something is not as it should be: alarms, and a clock that was moved.
import { h } from "../scorer/dom.js";
import { clockOf, seatWords } from "./verdict.js";

export function drawAlarm(alarm, zone, onSeen) {
  const at = (ms) => (ms ? clockOf(ms, zone) : "an unknown time");
  const gate = (name) => (/^.{1,3}$/.test(name ?? "") ? `Gate ${name}` : (name ?? "another gate"));
  const words =
    alarm.kind === "void"
      ? `Let in at ${gate(alarm.gate)} at ${at(alarm.at)} on a code that was refunded, passed on or replaced.`
      : `Let in at ${gate(alarm.first_gate)} at ${at(alarm.first_at)}, ` +
        `and again at ${gate(alarm.gate)} at ${at(alarm.at)}.`;
  return h(
    "div.gate-alarm",
    { role: "alert", "data-alarm": alarm.scan },
    h("b", {}, alarm.kind === "void" ? "A dead code came in" : "One ticket, two people"),
    h("p", {}, [seatWords(alarm.label), words].filter(Boolean).join(". ")),
    h("button.big", { type: "button", onclick: onSeen }, "Seen"),
  );
}

/** Milliseconds as people say them: "3 minutes", "2 days". */
export function lengthOf(ms) {
  const minutes = Math.max(1, Math.round(Math.abs(ms) / 60_000));
  const [n, unit] =
    minutes < 120
      ? [minutes, "minute"]
      : minutes < 2_880
        ? [Math.round(minutes / 60), "hour"]
        : [Math.round(minutes / 1440), "day"];
  return `${n} ${unit}${n === 1 ? "" : "s"}`;
}

/** The phone's clock was moved by so many milliseconds since the last contact. */
export function drawJump(ms) {
  return h(
    "p.gate-stripe",
    { role: "status", "data-jump": true },
    h("b", {}, `This phone’s clock went ${ms > 0 ? "forward" : "back"} by ${lengthOf(ms)}.`),
    h("span", {}, "Go on scanning: times are counted from the last contact."),
  );
}
