// Several tickets of one booking lie side by side: swipe, arrow keys, and dots that say which one is in front.
import { keepPage } from "./ticket_keep.js";
import { offerFullScreen } from "./ticket_screen.js";

const strip = document.querySelector("[data-tickets]");
const dots = [...document.querySelectorAll(".ticket-dots i")];

const nearest = () => {
  const middle = strip.scrollLeft + strip.clientWidth / 2;
  const offsets = [...strip.children].map((t) =>
    Math.abs(t.offsetLeft - strip.offsetLeft + t.offsetWidth / 2 - middle),
  );
  return offsets.indexOf(Math.min(...offsets));
};

if (strip && dots.length > 1) {
  const count = document.querySelector("[data-count]"),
    which = document.querySelector("[data-which]");
  // A second press while the strip still moves goes on from where the first one leads.
  let aim = null,
    shown = 0;
  const tell = () => {
    const now = nearest();
    if (now === shown) return;
    shown = now;
    dots.forEach((dot, i) => dot.classList.toggle("is-now", i === now));
    count.textContent = `${now + 1} of ${dots.length}`;
    which.textContent = `${now + 1} of ${dots.length}: ${strip.children[now].querySelector("h2").textContent}`;
  };
  strip.addEventListener("scrollend", () => {
    aim = null;
    tell();
  });
  strip.addEventListener("scroll", tell, { passive: true });
  strip.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || event.target !== strip) return;
    event.preventDefault();
    aim = Math.max(0, Math.min(dots.length - 1, (aim ?? nearest()) + step));
    strip.children[aim].scrollIntoView({ inline: "center", block: "nearest", behavior: "smooth" });
  });
}

// Printing has no form of its own: without a script the browser's own menu does it.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

offerFullScreen();
// Only where codes rotate is the drawing of them fetched; and it is here before the page says what it needs without a
// network.
const rotating = document.querySelector("[data-secret]")
  ? import("./ticket_rotating.js").then((m) => m.start()).catch(() => {})
  : Promise.resolve();
rotating.then(keepPage);
