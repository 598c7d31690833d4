// The clock of an offer, in step with the server's time that the page brings. When it is over the page is fetched again
// and says so. Markup: [data-offer] with data-expires, data-now (ms), data-span (s); see templates/waiting/place.html.
import { shown, share } from "./clock.js";

const offer = document.querySelector("[data-offer]");
const skew = Number(offer.dataset.now) - performance.now();

function tick() {
  const left = (Number(offer.dataset.expires) - (performance.now() + skew)) / 1000;
  offer.querySelector("[data-clock]").textContent = shown(left);
  offer.querySelector("[data-clock-box]").hidden = false;
  offer.querySelector("[data-seam]").setAttribute("x", share(left, Number(offer.dataset.span)));
  if (left < 120 && left > 0 && !offer.dataset.told) {
    offer.dataset.told = "yes";
    offer.querySelector("[data-offer-said]").textContent = "Two minutes are left to take the seats.";
  }
  // Half a second late, so that the server agrees.
  if (left < -0.5 && !offer.dataset.over) {
    offer.dataset.over = "yes";
    location.reload();
  }
}

tick();
setInterval(tick, 1000);
document.addEventListener("visibilitychange", tick);
