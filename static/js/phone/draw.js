// Drawing a ticket, with every check that the phone can make by itself before
// it believes the server. Used by the answer page and by the collect button.
import { send } from "./send.js";

/**
 * Why no ticket was drawn. what is "manifest", "group" or "stamp" when the
 * server did not show everybody the same promise: then nobody should answer
 * there. It is "said" with the server's own words, or "failed" when the
 * connection did; then trying again is safe, and gives the same ticket.
 */
export class NoTicket extends Error {
  constructor(what, said = {}) {
    super(said.message || what);
    this.what = what;
    this.said = said;
  }
}

const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
const unbase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

async function ask(path, lang, what) {
  const answer = await send(`${path}?lang=${lang}`, JSON.stringify(what));
  if (answer.body) return answer.body;
  throw new NoTicket(answer.message ? "said" : "failed", answer);
}

async function fetchManifest(wave) {
  try {
    const response = await fetch("/manifest/" + wave, { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch {
    // said below
  }
  throw new NoTicket("failed");
}

// checked turns whatever goes wrong in a check into the refusal it means.
async function checked(what, work) {
  try {
    const result = await work();
    if (result) return result;
  } catch {
    // what cannot even be read is not what was promised
  }
  throw new NoTicket(what);
}

// proved turns the ticket client's refusal of a stamp into ours.
async function proved(tickets, work) {
  try {
    return await work();
  } catch (error) {
    throw error instanceof tickets.ProofError ? new NoTicket("stamp") : error;
  }
}

/**
 * Draws the ticket of a wave, keeps it and gives it back.
 *
 * @param tickets the ticket client
 * @param {{id: string, manifest: string}} wave manifest: its SHA-256, hex, whose
 *        words the page shows
 * @returns {Promise<{ticket: object, stored: boolean}>} stored false: the
 *          browser keeps nothing, so the ticket is gone with the page
 */
export async function draw(tickets, token, wave, lang) {
  const [manifest, offer] = await Promise.all([
    fetchManifest(wave.id),
    ask("/draw/offer", lang, { token, wave: wave.id }),
  ]);
  const promise = await checked("manifest", async () => {
    const hash = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", manifest)));
    const read = JSON.parse(new TextDecoder().decode(manifest));
    return hash === wave.manifest && read.wave === wave.id && read;
  });
  const leaf = await checked("group", async () => {
    const proved = await tickets.verifyLeaf(offer.leaf_text, offer.index, offer.count, offer.path, promise.groups_root);
    const read = JSON.parse(offer.leaf_text);
    return proved && read.way === "electronic" && read;
  });

  const id = await tickets.secretID(token);
  let { value: secret } = await tickets.loadSecret(id);
  if (!secret) ({ value: secret } = await tickets.saveSecret(id, await tickets.makeSecret()));
  const info = await tickets.info(manifest, leaf.group);
  const publicKey = await checked("stamp", () => unhex(promise.ticket_public_key));
  const stamped = await proved(tickets, async () => {
    const { blinded, state } = await tickets.blind(secret, info, publicKey);
    const drawn = await ask("/draw", lang, { token, wave: wave.id, blinded: base64(blinded) });
    const [evaluated, proof] = await checked("stamp", () => [unbase64(drawn.evaluated), unbase64(drawn.proof)]);
    return tickets.finalize(secret, info, publicKey, evaluated, proof, state);
  });

  const ticket = {
    ...stamped, info, wave: wave.id, manifest: wave.manifest, slot: promise.slot,
    group: leaf.group, units: leaf.units, headcount: leaf.headcount,
  };
  const { stored } = await tickets.saveTicket(id, wave.id, ticket);
  return { ticket, stored };
}
