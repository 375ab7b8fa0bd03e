// Service worker. What people see is never kept here: only the page that says that the connection is lost, and its files.
// Comes after a line `const told = {page, files, version}`.

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(told.version).then((kept) => kept.addAll([told.page, ...told.files])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("zhike-") && name !== told.version).map((name) => caches.delete(name)));
    await self.registration.navigationPreload?.enable(); // the page is asked for while this script starts
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return; // the browser itself asks whether to send a form again
  if (request.mode === "navigate") event.respondWith(visit(event));
  else if (told.files.includes(new URL(request.url).pathname)) event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
});

async function visit(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return caches.match(told.page);
  }
}
