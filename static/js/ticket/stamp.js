// Drawing a ticket: RFC 9497, POPRF, ristretto255-SHA512. The phone blinds its
// input, the server stamps it without seeing it, and the phone unblinds the
// stamp and checks that it was made with the key that the manifest promises.
import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { derive } from "./secret.js";

// ProofError: the stamp was not made with the promised key. A server that used
// a key of its own for one person could tell that person's ballot later, so
// such a stamp must never be used.
export class ProofError extends Error {
  constructor(cause) {
    super("not the published key", { cause });
    this.name = "ProofError";
  }
}

const checked = (work) => {
  try {
    return work();
  } catch (cause) {
    throw new ProofError(cause);
  }
};

// rawBlind is RFC 9497's Blind. seed is 48 bytes, read as a little-endian
// number N; the blind is 1 + N mod (order − 1), which is never 0.
export const rawBlind = (input, seed, info, publicKey) =>
  checked(() => {
    const scheme = ristretto255_oprf.poprf(info);
    return { scheme, input, ...scheme.blind(input, publicKey, () => seed) };
  });

// rawFinalize is RFC 9497's Finalize: checks the proof, then unblinds.
export const rawFinalize = (state, evaluated, proof) =>
  checked(() => state.scheme.finalize(state.input, state.blind, evaluated, state.blinded, proof, state.tweakedKey));

// blind makes what is sent to draw a ticket. The same secret and info always
// give the same bytes, so that a lost answer can be asked for again. state is
// for finalize; it is never stored.
export async function blind(secret, info, publicKey) {
  const input = await derive(secret, info, "ticket-input", 32);
  const state = rawBlind(input, await derive(secret, info, "ticket-blind", 48), info, publicKey);
  return { blinded: state.blinded, state };
}

// finalize makes the ticket out of what came back, or throws ProofError. state
// is what blind gave for the same secret, info and key; without it, after a
// reload say, it is computed again.
export async function finalize(secret, info, publicKey, evaluated, proof, state) {
  state ??= (await blind(secret, info, publicKey)).state;
  return { input: state.input, output: rawFinalize(state, evaluated, proof) };
}
