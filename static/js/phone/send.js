// Sends a form or a text without cookie, identity or referrer, and waits for
// the word that it was committed.

/** After this time without an answer the connection counts as failed, in ms. */
const patience = 20000;

/**
 * @param {string} url
 * @param {URLSearchParams|string} what a text goes as text/plain, for which a
 *        browser does not ask another origin first
 * @returns {Promise<{body: object}|{message: string, field: string, key: string,
 *          status: number}|{failed: true}>} the answer; or why it was refused;
 *          or that nothing is known, in which case sending again is safe
 */
export async function send(url, what) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: what,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
      redirect: "error",
      signal: stop.signal,
    });
    const body = await response.json();
    if (response.ok) return { body };
    if (body.error && body.error.message) return { ...body.error, status: response.status };
    return { failed: true };
  } catch {
    return { failed: true };
  } finally {
    clearTimeout(timer);
  }
}
