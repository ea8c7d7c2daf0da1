// The phone's side of tickets, loaded after the first paint: the secret, the
// draw, the check of what came back, and what is kept until a ballot is in.
//
// Whatever keeps or finds something gives {value, stored}: value is null when
// there is nothing, stored is false when the browser denied storage, so that
// what is kept is gone with the page. An id is a secretID.
import { hex, utf8 } from "./bytes.js";
import { drop, get, names, put } from "./keep.js";
import { purpose } from "./secret.js";

export { verifyLeaf } from "./merkle.js";
export { info, makeSecret, secretID } from "./secret.js";
export { ProofError, blind, finalize, rawBlind, rawFinalize } from "./stamp.js";

// loadSecret finds the secret under an id.
export const loadSecret = get;

// saveSecret keeps a secret under an id. Draw with the value that it gives:
// another tab may have been first.
export const saveSecret = (id, key) => put(id, key, true);

const ticketName = (id, wave) => `ticket:${wave}:${id}`;

// saveTicket keeps somebody's ticket of a wave, any plain object.
export const saveTicket = (id, wave, ticket) => put(ticketName(id, wave), ticket);

// loadTicket finds somebody's ticket of a wave.
export const loadTicket = (id, wave) => get(ticketName(id, wave));

// heldBy lists the ids that hold a ticket of a wave, for the page that is
// opened without a link.
export async function heldBy(wave) {
  const before = ticketName("", wave);
  return (await names()).filter((name) => name.startsWith(before)).map((name) => name.slice(before.length));
}

const draftName = (id, info) => `draft:${id}:${hex(info)}`;

const draftKey = (secret, info) =>
  crypto.subtle.deriveKey(purpose(info, "draft-key"), secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

// sealDraft keeps a ballot, a text, that could not be sent: encrypted, so that
// only this phone's secret opens it. The value that it gives is the sealed one.
export async function sealDraft(id, secret, info, text) {
  const how = { name: "AES-GCM", iv: crypto.getRandomValues(new Uint8Array(12)) };
  const data = await crypto.subtle.encrypt(how, await draftKey(secret, info), utf8(text));
  return put(draftName(id, info), { how, data });
}

// openDraft gives the text back, or null when there is no draft that this
// secret opens.
export async function openDraft(id, secret, info) {
  try {
    const { how, data } = (await get(draftName(id, info))).value;
    return new TextDecoder().decode(await crypto.subtle.decrypt(how, await draftKey(secret, info), data));
  } catch {
    return null;
  }
}

// dropDraft forgets a draft, once its ballot was received.
export const dropDraft = (id, info) => drop([draftName(id, info)]);

// wipe forgets everything under an id, and without one everything. It says
// whether the browser confirmed it.
export const wipe = async (id) => drop((await names()).filter((name) => !id || name.split(":").includes(id)));
