// The phone draws as the server issues: the published vectors of RFC 9497, the
// golden file that Go wrote, and what a phone must refuse.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { bytesToHex as hex, hexToBytes as unhex } from "@noble/curves/utils.js";
import { ProofError, blind, finalize, info, makeSecret, rawBlind, rawFinalize, secretID } from "./ticket.js";

const read = (name) => JSON.parse(readFileSync(new URL(`../../../survey/ticket/testdata/${name}`, import.meta.url)));
const rfc = read("rfc9497.json");
const { cases } = read("derive.json");
const zero = new Uint8Array(32); // the identity's encoding

const importSecret = (bytes) => crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveBits", "deriveKey"]);

// seedOf is the seed that gives a vector's blind: rawBlind adds 1.
function seedOf(blindHex) {
  const seed = new Uint8Array(48);
  seed.set(unhex(blindHex));
  let i = 0;
  while (seed[i] === 0) seed[i++] = 255;
  seed[i] -= 1;
  return seed;
}

test("blinding and finalising give the published values", () => {
  let compared = 0;
  for (const vector of rfc.vectors) {
    const split = (key) => vector[key].split(",");
    split("Blind").forEach((wanted, i) => {
      const state = rawBlind(unhex(split("Input")[i]), seedOf(wanted), unhex(vector.Info), unhex(rfc.pkSm));
      assert.equal(hex(state.blind), wanted);
      assert.equal(hex(state.blinded), split("BlindedElement")[i]);
      if (vector.Batch > 1) return; // a phone draws one ticket; the batch's proof is checked below
      const output = rawFinalize(state, unhex(vector.EvaluationElement), unhex(vector.Proof.proof));
      assert.equal(hex(output), vector.Output);
      compared += 1;
    });
  }
  assert.equal(compared, 2); // appendix A.1.3 has two single vectors and a batch of two
});

test("the library takes the published proof of the batch", () => {
  const vector = rfc.vectors.find((v) => v.Batch === 2);
  const split = (key) => vector[key].split(",").map(unhex);
  const scheme = ristretto255_oprf.poprf(unhex(vector.Info));
  const { tweakedKey } = scheme.blind(split("Input")[0], unhex(rfc.pkSm));
  const items = split("Input").map((input, i) => ({
    input,
    blind: split("Blind")[i],
    blinded: split("BlindedElement")[i],
    evaluated: split("EvaluationElement")[i],
  }));
  const outputs = scheme.finalizeBatch(items, unhex(vector.Proof.proof), tweakedKey);
  assert.deepEqual(outputs.map(hex), vector.Output.split(","));
});

test("the phone derives what Go derives from the same secret", async () => {
  for (const c of cases) {
    const secret = await importSecret(unhex(c.secret));
    const about = await info(new TextEncoder().encode(c.manifest), c.group);
    assert.equal(hex(about), c.info);
    const { blinded, state } = await blind(secret, about, unhex(c.public_key));
    assert.equal(hex(state.input), c.input);
    assert.equal(hex(state.blind), c.blind);
    assert.equal(hex(blinded), c.blinded);
    for (const kept of [state, undefined]) {
      const ticket = await finalize(secret, about, unhex(c.public_key), unhex(c.evaluated), unhex(c.proof), kept);
      assert.equal(hex(ticket.input), c.input);
      assert.equal(hex(ticket.output), c.output);
    }
  }
});

test("another secret, group or manifest gives an unrelated input and blind", async () => {
  const [c] = cases;
  const seen = new Set();
  const manifest = new TextEncoder().encode(c.manifest);
  for (const secret of [await importSecret(unhex(c.secret)), await makeSecret()]) {
    for (const about of [await info(manifest, c.group), await info(manifest, "south"), await info(manifest.slice(1), c.group)]) {
      const { blinded, state } = await blind(secret, about, unhex(c.public_key));
      for (const value of [blinded, state.input, state.blind]) seen.add(hex(value));
    }
  }
  assert.equal(seen.size, 18); // 2 secrets × 3 infos × 3 values, all different
});

test("a stamp of another key than the published one is refused", async () => {
  const [c] = cases;
  const [secret, about, key] = [await makeSecret(), unhex(c.info), unhex(c.public_key)];
  const { blinded } = await blind(secret, about, key);
  const scheme = ristretto255_oprf.poprf(about);
  const honest = scheme.blindEvaluate(unhex(c.issuer_key), blinded);
  await finalize(secret, about, key, honest.evaluated, honest.proof);
  const tagging = scheme.blindEvaluate(scheme.generateKeyPair().secretKey, blinded);
  const elsewhere = ristretto255_oprf.poprf(Uint8Array.of(1)).blindEvaluate(unhex(c.issuer_key), blinded);
  const turned = honest.proof.slice();
  turned[40] ^= 1;
  const tries = {
    "tagging key": [tagging.evaluated, tagging.proof],
    "tagging key with an honest proof": [tagging.evaluated, honest.proof],
    "another group": [elsewhere.evaluated, elsewhere.proof],
    "changed proof": [honest.evaluated, turned],
    "no proof": [honest.evaluated, new Uint8Array()],
    "proof of zeros": [honest.evaluated, new Uint8Array(64)],
    "the identity": [zero, honest.proof],
    "no point": [new Uint8Array(32).fill(255), honest.proof],
    "nothing": [undefined, undefined],
  };
  for (const [name, [evaluated, proof]] of Object.entries(tries)) {
    await assert.rejects(finalize(secret, about, key, evaluated, proof), ProofError, name);
  }
});

test("a public key that is none is refused before anything is sent", async () => {
  const secret = await makeSecret();
  for (const key of [zero, new Uint8Array(32).fill(255), new Uint8Array(31), undefined]) {
    await assert.rejects(blind(secret, unhex(cases[0].info), key), ProofError);
  }
});

test("a secret cannot be read back", async () => {
  const secret = await makeSecret();
  assert.equal(secret.extractable, false);
  await assert.rejects(crypto.subtle.exportKey("raw", secret));
});

test("an id is the SHA-256 of the token and not the token", async () => {
  // sha256 of "abc": FIPS 180-2, appendix B.1
  assert.equal(await secretID("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
