// The phone's secret: 32 random bytes that no server sent and that no script,
// ours included, can read back. All else is derived from it.
import { hex, join, sha256, utf8 } from "./bytes.js";

// makeSecret makes a new secret. Its bytes exist for a moment only, until
// WebCrypto holds them as a key that cannot be exported.
export async function makeSecret() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const key = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveBits", "deriveKey"]);
  bytes.fill(0);
  return key;
}

// secretID names the secret of whoever has the link with this token, so that
// two people can share a phone. The token itself is not kept.
export const secretID = async (token) => hex(await sha256(utf8(token)));

// info is the public part of every ticket of a group in a wave. The phone
// computes it from the manifest's bytes as fetched, so that a server that shows
// somebody a manifest of their own gives them a ticket that nobody accepts.
export const info = async (manifest, group) => join(utf8("attune/v1\0"), await sha256(manifest), utf8(group));

export const purpose = (salt, label) => ({ name: "HKDF", hash: "SHA-256", salt, info: utf8(label) });

export const derive = async (secret, salt, label, length) =>
  new Uint8Array(await crypto.subtle.deriveBits(purpose(salt, label), secret, 8 * length));
