// Opens /a without a connection, once it has been open: it keeps that one page
// and the files that the page is made of. It answers nothing else, sends no
// ballot, and never keeps what stands behind the # of an address.
const shelf = "attune-a";
const page = "/a";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// keep puts the page and its files on the shelf, out of the browser's own
// cache where it can, and takes away what the page no longer needs.
async function keep(address, files) {
  const store = await caches.open(shelf);
  for (const kept of await store.keys()) {
    const path = new URL(kept.url).pathname;
    if (path !== page && !files.includes(path)) await store.delete(kept);
  }
  for (const file of files) if (!(await store.match(file))) await put(store, file, file);
  await put(store, page, address);
}

async function put(store, name, address) {
  const answer = await fetch(address, { cache: "force-cache", credentials: "omit" });
  if (answer.ok) await store.put(name, answer);
}

self.addEventListener("message", (event) => {
  const { page: address, files } = event.data;
  if (new URL(address, location).pathname !== page) return;
  event.waitUntil(keep(address, files.filter((file) => file.startsWith("/static/"))));
});

async function shell(address) {
  try {
    const answer = await fetch(address, { cache: "no-cache", credentials: "omit" });
    if (answer.ok) await (await caches.open(shelf)).put(page, answer.clone());
    return answer;
  } catch (failed) {
    const kept = await caches.match(page);
    if (kept) return kept;
    throw failed;
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && url.pathname === page) {
    event.respondWith(shell(url.pathname + url.search));
  } else if (url.pathname.startsWith("/static/")) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept || fetch(event.request)));
  }
});
