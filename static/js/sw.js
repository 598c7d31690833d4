// The service worker of the scorer's pages and of the gate's: the network first, and what was seen last when there is
// none, so that a reload at the ground shows the console and its queue. It keeps pages and their static files only;
// scores and scans go through the queues in the pages.
const CACHE = "scorer-1";
const KEPT = [/^\/scorer(\/matches\/\d+)?\/?$/, /^\/gate$/, /^\/static\//];
const PATIENCE = 4000;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys())
        if (name.startsWith("scorer-") && name !== CACHE) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (
    event.request.method !== "GET" ||
    url.origin !== self.location.origin ||
    !KEPT.some((path) => path.test(url.pathname))
  )
    return;
  event.respondWith(answer(event.request));
});

// A page asks for itself once it is controlled, so that the very first visit is kept as well.
self.addEventListener("message", (event) => {
  if (!Array.isArray(event.data?.keep)) return;
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await Promise.all(event.data.keep.map((address) => cache.add(address).catch(() => {})));
      await forgetOld(cache);
    })(),
  );
});

// Static addresses carry the version of their build. A page kept from the build before may still need that one's files;
// older ones go.
async function forgetOld(cache) {
  const kept = (await cache.keys()).map((request) => [
    request,
    new URL(request.url).pathname.match(/^\/static\/v\/([^/]+)\//)?.[1],
  ]);
  const versions = [...new Set(kept.map(([, version]) => version).filter(Boolean))];
  for (const [request, version] of kept)
    if (version && versions.indexOf(version) < versions.length - 2) await cache.delete(request);
}

async function answer(request) {
  const cache = await caches.open(CACHE);
  try {
    const found = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    // A redirect to the sign-in page is not the console.
    if (found.ok && !found.redirected && found.type === "basic") await cache.put(request, found.clone());
    return found;
  } catch (error) {
    const kept = await cache.match(request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}
