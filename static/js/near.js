/* "Near me": a tap asks the browser where it is, and the link is followed with that place in its address, rounded to a
   tenth of a degree (some ten kilometres). Nothing is asked before the tap, and nothing is kept. */

const rounded = (degrees) => Number(degrees.toFixed(1));

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-near-go]");
  if (!link || !("geolocation" in navigator) || event.metaKey || event.ctrlKey || event.shiftKey || event.button)
    return;
  event.preventDefault();
  const to = new URL(link.href, location.href);
  link.setAttribute("aria-busy", "true");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      to.searchParams.set("near", `${rounded(coords.latitude)},${rounded(coords.longitude)}`);
      location.assign(to);
    },
    () => {
      to.searchParams.set("near", "unknown");
      location.assign(to);
    },
    { maximumAge: 600000, timeout: 10000 },
  );
});
addEventListener("pageshow", () => {
  for (const link of document.querySelectorAll("[data-near-go][aria-busy]")) link.removeAttribute("aria-busy");
});
