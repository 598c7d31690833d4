// Several tickets of one booking lie side by side: swipe, arrow keys, and dots that say which one is in front.
const strip = document.querySelector("[data-tickets]");
const dots = [...document.querySelectorAll(".ticket-dots i")];

const nearest = () => {
  const middle = strip.scrollLeft + strip.clientWidth / 2;
  const offsets = [...strip.children].map((t) => Math.abs(t.offsetLeft - strip.offsetLeft + t.offsetWidth / 2 - middle));
  return offsets.indexOf(Math.min(...offsets));
};

if (strip && dots.length > 1) {
  // A second press while the strip still moves goes on from where the first one leads.
  let aim = null;
  strip.addEventListener("scrollend", () => { aim = null; });
  strip.addEventListener("scroll", () => {
    const now = nearest();
    dots.forEach((dot, i) => dot.classList.toggle("is-now", i === now));
  }, { passive: true });
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
