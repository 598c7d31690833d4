// The line above the keys that says the next ball is a free hit, with the way to say that the umpires called none: some
// conditions give one for foot faults alone.
import { button, h } from "./dom.js";

// The no-ball that the next ball would be a free hit for, or null: wides may have come in between.
export function causeOf(innings) {
  const balls = innings?.overs.flatMap((over) => over.balls) ?? [];
  const last = balls.findLast((ball) => ball.legal || ball.extras.noballs);
  return last?.extras.noballs && (innings.free_hit || last.body.free_hit === false) ? last : null;
}

/** Put the line over the keys, or take it away; the keys and the focus on them stay. */
export function drawFreeHit(app, keys) {
  const cause = app.mayWrite && app.step.ask === "ball" ? causeOf(app.innings) : null;
  const about = cause ? `${cause.key} ${app.innings.free_hit}` : "";
  const was = keys.querySelector("[data-free-hit]");
  if ((was?.dataset.freeHit ?? "") === about) return;
  const had = was?.contains(document.activeElement);
  was?.remove();
  if (cause) keys.prepend(line(app, cause, about));
  if (had) keys.querySelector("button")?.focus({ preventScroll: true });
}

function line(app, cause, about) {
  const is = app.innings.free_hit;
  const say = () => app.act("correction", { changes: [{ of: cause.key, body: { ...cause.body, free_hit: !is } }] });
  return h(
    "div.free-hit",
    { "data-free-hit": about },
    is ? h("span.tag.is-free", {}, "Free hit") : h("span", {}, "Not a free hit"),
    button(is ? "No free hit" : "It is a free hit", say),
  );
}
