// The parts of a match's page. On narrow screens one part is shown at a time, the one the address names; on wide ones
// all are, and the link of the part in view is marked. Without this script they are plain links within one long page.

const page = document.querySelector(".match-page");
const bar = page.querySelector(".match-tabs .tabs");
const links = [...bar.querySelectorAll("a")];
const parts = new Map(links.map((link) => [link.hash, page.querySelector(link.hash)]));
const narrow = matchMedia("(max-width: 66rem)");

function mark(hash) {
  for (const link of links) {
    if (link.hash !== hash) link.removeAttribute("aria-current");
    else if (!link.hasAttribute("aria-current")) {
      link.setAttribute("aria-current", "true");
      // Only the bar is moved sideways, never the page.
      bar.scrollLeft = link.offsetLeft - (bar.clientWidth - link.offsetWidth) / 2;
    }
  }
}

function show(hash) {
  const chosen = parts.has(hash) ? hash : links[0].hash;
  for (const [each, part] of parts) part.toggleAttribute("data-shown", each === chosen);
  page.toggleAttribute("data-parted", true);
  mark(chosen);
}

// The part must stand there before the browser goes to it.
bar.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link && narrow.matches && !(event.ctrlKey || event.metaKey || event.shiftKey)) show(link.hash);
});
addEventListener("hashchange", () => show(location.hash));

const seen = new IntersectionObserver(
  (entries) => {
    const entry = entries.find((each) => each.isIntersecting);
    if (entry && !narrow.matches) mark(`#${entry.target.id}`);
  },
  { rootMargin: "-20% 0px -70% 0px" },
);
for (const part of parts.values()) seen.observe(part);
narrow.addEventListener("change", () => show(links.find((link) => link.hasAttribute("aria-current"))?.hash));

show(location.hash);
