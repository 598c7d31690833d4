// A hold may end in another tab, at sign-in, or where it is paid. A page that shows its clock asks how it stands when
// somebody looks at it again and every now and then, and fetches itself where the hold is none any more: the server's
// page says what became of it. Where one chooses there is nothing to say it by: this leaves a word for the next page.
const EVERY_MS = 20000;
const GONE = "hold-gone";

function isGone(answer, known) {
  return answer.status === 404 || (known !== null && known.state !== "held" && known.state !== "paying");
}

async function look() {
  if (document.visibilityState !== "visible" || document.documentElement.hasAttribute("data-paying")) return;
  const hold = document.querySelector("[data-hold]");
  if (!hold || hold.dataset.over) return;
  let gone = false;
  try {
    const answer = await fetch(`/api/holds/${hold.dataset.booking}`, {
      headers: { Accept: "application/json" },
      cache: "no-store",
    });
    gone = isGone(answer, answer.ok ? await answer.json() : null);
  } catch {
    // No network: the clock goes on, and the next look asks again.
  }
  // Still the same hold on the page, and nothing is being paid by now?
  if (!gone || !hold.isConnected || hold.dataset.over || document.documentElement.hasAttribute("data-paying")) return;
  hold.dataset.over = "yes";
  if (document.querySelector("[data-hold-notices]")) sessionStorage.setItem(GONE, "yes");
  location.replace(hold.dataset.home);
}

function tell() {
  const place = document.querySelector("[data-hold-notices]");
  if (!place || !sessionStorage.getItem(GONE)) return;
  sessionStorage.removeItem(GONE);
  if (document.querySelector("[data-hold]")) return; // there is another one by now
  const notice = document.createElement("div");
  const heading = document.createElement("strong");
  notice.className = "notice";
  notice.setAttribute("role", "status");
  heading.textContent = "What you held is not held any more";
  notice.append(heading, "It was given back or paid, perhaps in another tab.");
  place.append(notice);
}

export function watchHold() {
  tell();
  document.addEventListener("visibilitychange", look);
  setInterval(look, EVERY_MS);
}
