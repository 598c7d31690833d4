// One code on a white screen, as large as it goes, that does not fall asleep. A page cannot turn up the light, so it
// asks for that.
let lock = null;

async function stayAwake() {
  try {
    lock = await navigator.wakeLock?.request("screen");
  } catch {
    lock = null; /* a battery that is low: the code is shown all the same */
  }
}

function leaf(name, className, words) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (words) element.textContent = words;
  return element;
}

// The dialog for one figure; what the figure draws, it draws.
function screenOf(figure) {
  const dialog = leaf("dialog", "big-code");
  dialog.setAttribute("aria-label", `Code for ${figure.dataset.place}`);
  const picture = figure.querySelector("svg").cloneNode(true);
  const close = leaf("button", "button is-main is-large", "Close");
  close.type = "button";
  close.addEventListener("click", () => dialog.close());
  dialog.append(
    leaf("p", "big-place", figure.dataset.place),
    picture,
    leaf("p", "ticket-short", figure.dataset.short),
    leaf("p", "big-light", "Turn your screen’s light all the way up."),
    close,
  );
  const copy = () => {
    const from = figure.querySelector("svg");
    picture.setAttribute("viewBox", from.getAttribute("viewBox"));
    picture.querySelector("path").setAttribute("d", from.querySelector("path").getAttribute("d"));
  };
  figure.addEventListener("drawn", copy);
  const awake = () => {
    if (!document.hidden) stayAwake();
  };
  document.addEventListener("visibilitychange", awake);
  dialog.addEventListener("close", () => {
    figure.removeEventListener("drawn", copy);
    document.removeEventListener("visibilitychange", awake);
    lock?.release().catch(() => {});
    lock = null;
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    dialog.remove();
  });
  return dialog;
}

export function offerFullScreen() {
  for (const button of document.querySelectorAll("[data-big]")) {
    const figure = button.closest(".ticket-code").querySelector(".code");
    button.hidden = false;
    button.addEventListener("click", () => {
      const dialog = screenOf(figure);
      document.body.append(dialog);
      dialog.showModal();
      stayAwake();
      dialog.requestFullscreen?.().catch(() => {});
    });
  }
}
