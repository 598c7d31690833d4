// Tickets without a network: what was opened is kept until the fan signs out, and "Keep on this phone" keeps one until
// the match is over. Everything lies in the browser's Cache Storage; ticket_sw.js answers from there when no network
// does.
export const OPEN = "tickets-open-1",
  KEPT = "tickets-kept-1",
  FILES = "tickets-files-1";
const VIEWER = "ticket-viewer";
const DAY = 86_400_000;

// A copy of an answer that says until when it is worth keeping.
async function stamped(answer, until) {
  const headers = new Headers(answer.headers);
  headers.set("X-Kept-Until", until);
  return new Response(await answer.blob(), { status: answer.status, headers });
}

async function fetchPage(address, until) {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) throw new Error("not the page");
  return stamped(answer, until);
}

async function keepFiles() {
  const cache = await caches.open(FILES);
  const files = new Set(
    performance
      .getEntriesByType("resource")
      .map((entry) => new URL(entry.name))
      .filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"))
      .map((url) => url.pathname),
  );
  await Promise.all(
    [...files].map(async (file) => {
      if (!(await cache.match(file))) await cache.add(file).catch(() => {});
    }),
  );
  // Addresses of files carry the version of their build; pages that are kept may need the two before this one.
  const versionOf = (request) => new URL(request.url).pathname.match(/^\/static\/v\/([^/]+)\//)?.[1];
  const all = await cache.keys(),
    versions = [...new Set(all.map(versionOf).filter(Boolean))];
  for (const request of all)
    if (versions.indexOf(versionOf(request)) < versions.length - 3) await cache.delete(request);
}

async function dropOld() {
  for (const name of [OPEN, KEPT]) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const until = Number((await cache.match(request))?.headers.get("X-Kept-Until"));
      if (until && until + DAY < Date.now()) await cache.delete(request);
    }
  }
}

export const forgetOpened = () => caches.delete(OPEN);

// Another person at this browser, or nobody any more, does not find what the one before had opened.
async function noteViewer(viewer) {
  let before = null;
  try {
    before = localStorage.getItem(VIEWER);
    localStorage.setItem(VIEWER, viewer);
  } catch {
    /* no storage, and then no caches either */
  }
  if (before !== null && before !== viewer) await forgetOpened();
}

function offerKeeping(box) {
  const address = box.dataset.keep,
    until = box.dataset.until;
  const keep = box.querySelector("[data-keep-it]"),
    forget = box.querySelector("[data-forget-it]"),
    words = box.querySelector("[data-keep-words]");
  const show = async (said) => {
    const kept = Boolean(await (await caches.open(KEPT)).match(address));
    keep.hidden = kept;
    forget.hidden = !kept;
    words.textContent =
      said ??
      (kept
        ? "Kept on this phone until the match is over, also after you sign out."
        : "Opened once, this page works without a network until you sign out. Keep it, and it stays.");
  };
  keep.addEventListener("click", async () => {
    try {
      await (await caches.open(KEPT)).put(address, await fetchPage(address, until));
      navigator.storage?.persist?.().catch(() => {});
      await show();
    } catch {
      await show("It could not be kept just now. Try again with a network.");
    }
  });
  forget.addEventListener("click", async () => {
    await (await caches.open(KEPT)).delete(address);
    await show();
  });
  show().then(() => {
    box.hidden = false;
  });
}

export async function keepPage() {
  if (!("serviceWorker" in navigator) || !("caches" in window)) return;
  const page = document.querySelector("[data-viewer]");
  const box = document.querySelector("[data-keep]");
  if (box) offerKeeping(box);
  if (document.documentElement.dataset.kept !== undefined) return; // from the phone itself: nothing new to keep
  try {
    await noteViewer(page.dataset.viewer);
    await navigator.serviceWorker.register("/tickets/sw.js", { scope: "/t" });
    await dropOld();
    await keepFiles();
    // What is kept already is kept as it is now: a seat given back, or a new code.
    const until = box?.dataset.until ?? String(Date.now() + DAY);
    await (await caches.open(OPEN)).put(location.pathname, await fetchPage(location.pathname, until));
    const kept = await caches.open(KEPT);
    if (box && (await kept.match(box.dataset.keep)))
      await kept.put(box.dataset.keep, await fetchPage(box.dataset.keep, until));
    document.documentElement.dataset.ready = "offline";
  } catch {
    /* no room, or the network went: the page works as it is */
  }
}
