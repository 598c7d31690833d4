// Day and "under lights" follow the system until someone chooses. The choice is a cookie, so that the server
// already draws the next page in it and nothing flashes.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const YEAR = 365 * 24 * 3600;
const BARS = { day: "#ffffff", lights: "#121b2b" };
const current = () => root.dataset.theme || (dark.matches ? "lights" : "day");

function show() {
  for (const button of document.querySelectorAll("[data-theme-switch] button")) {
    button.setAttribute("aria-pressed", String(button.value === current()));
  }
  if (!root.dataset.theme) return;
  for (const meta of document.querySelectorAll('meta[name="theme-color"]')) meta.content = BARS[current()];
}

// A page from the back-forward cache may be older than the choice.
function adopt() {
  const kept = document.cookie.match(/(?:^|; )theme=(day|lights)/);
  if (kept) root.dataset.theme = kept[1];
  show();
}

function choose(theme) {
  root.dataset.theme = theme;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
  show();
  dispatchEvent(new Event("themechange"));
}

adopt();
dark.addEventListener("change", show);
addEventListener("pageshow", (event) => {
  if (event.persisted) adopt();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-switch] button");
  if (button) choose(button.value);
});
