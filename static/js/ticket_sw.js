// The service worker of ticket pages: the network first, and what lies on the phone when there is none. ticket_keep.js
// puts it there; this only answers, brings copies up to date, and says on a page that it is a copy. Nothing but ticket
// pages and static files is touched.
const OPEN = "tickets-open-1",
  KEPT = "tickets-kept-1",
  FILES = "tickets-files-1";
const PAGES = /^\/(t\/(one\/)?[\w-]{10,60}|tickets(\/\d+)?)$/;
const PATIENCE = 4000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && PAGES.test(url.pathname))
    event.respondWith(page(event.request, url.pathname));
  else if (url.pathname.startsWith("/static/v/")) event.respondWith(file(event.request));
});

async function file(request) {
  return (await (await caches.open(FILES)).match(request, { ignoreVary: true, ignoreSearch: true })) ?? fetch(request);
}

async function page(request, path) {
  try {
    const found = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    await bringUpToDate(path, found);
    return found;
  } catch (error) {
    const copy = await find(path);
    if (copy) return marked(copy);
    if (path === "/tickets") return listOfKept();
    throw error;
  }
}

async function bringUpToDate(path, found) {
  for (const name of [OPEN, KEPT]) {
    const cache = await caches.open(name),
      before = await cache.match(path);
    if (!before) continue;
    if (found.ok && !found.redirected && found.type === "basic") {
      const headers = new Headers(found.headers);
      headers.set("X-Kept-Until", before.headers.get("X-Kept-Until") ?? "");
      await cache.put(path, new Response(await found.clone().blob(), { status: found.status, headers }));
    } else if ([401, 403, 404, 410].includes(found.status) || found.redirected || found.type === "opaqueredirect") {
      await cache.delete(path); // the link is dead, or the fan has signed out
    }
  }
}

async function find(path) {
  for (const name of [OPEN, KEPT]) {
    const found = await (await caches.open(name)).match(path, { ignoreVary: true });
    if (found) return found;
  }
  return null;
}

// The copy says so: what stands in it for that is shown by this mark alone, without a script.
async function marked(copy) {
  const headers = new Headers(copy.headers);
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  return new Response((await copy.text()).replace("<html ", "<html data-kept "), { status: 200, headers });
}

const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

// Nothing of this fan's was opened, but something may be kept: a plain list of it.
async function listOfKept() {
  const cache = await caches.open(KEPT),
    rows = [];
  for (const request of await cache.keys()) {
    const title = (await (await cache.match(request)).text()).match(/<title>([^<]*)<\/title>/)?.[1] ?? "Tickets";
    rows.push(`<li><p><a href="${escaped(new URL(request.url).pathname)}">${title}</a></p></li>`);
  }
  const words = rows.length
    ? `<p>These tickets are kept on this phone:</p><ul>${rows.join("")}</ul>`
    : "<p>No tickets are kept on this phone. Try again with a network.</p>";
  return new Response(
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>No network</title>
</head>
<body><main><h1>No network</h1>${words}</main></body>
</html>`,
    {
      headers: {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
      },
    },
  );
}
