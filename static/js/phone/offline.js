// Lets the page open without a connection, once it has been open.

/** Registers the worker and tells it what this page is made of. */
export async function offline(url) {
  if (!navigator.serviceWorker) return;
  try {
    let script = url;
    if (globalThis.trustedTypes) {
      script = trustedTypes.createPolicy("attune-worker", { createScriptURL: (asked) => (asked === url ? asked : "") }).createScriptURL(url);
    }
    await navigator.serviceWorker.register(script, { scope: "/a", updateViaCache: "none" });
    const { active } = await navigator.serviceWorker.ready;
    const files = performance.getEntriesByType("resource").map((entry) => new URL(entry.name)).filter((file) => file.origin === location.origin);
    active.postMessage({ page: location.pathname + location.search, files: files.map((file) => file.pathname) });
  } catch {
    // a browser that keeps nothing: the page works as long as it is open
  }
}
