// Keeps the files that pages are made of, and one page for when there is no network. No page about anyone is kept.
// The server writes FILES, PAGE and VERSION in front of this.

const CACHE = `waystation-${VERSION}`;
const PATIENCE_MS = 8_000;

self.addEventListener("install", (event) => {
  const page = new Request(PAGE, { credentials: "omit" });
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...FILES, page])));
  self.skipWaiting();
});

async function takeOver() {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

// A file's address changes with its content, so a kept one is never old.
async function file(request) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(request);
  if (known) return known;
  const response = await fetch(request);
  if (response.ok && new URL(request.url).search) await cache.put(request, response.clone());
  return response;
}

async function page(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (request.mode === "navigate" && (pathname === "/" || pathname === "/practice")) event.respondWith(page(request));
});
