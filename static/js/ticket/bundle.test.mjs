// The bundle that phones load has a part of noble-curves only: it gives the
// published values of RFC 9497, and refuses what they refuse.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bytesToHex as hex, hexToBytes as unhex } from "@noble/curves/utils.js";
import * as source from "./ticket.js";

// Node reads a file as a module only where its name or its package says so.
const built = await import("data:text/javascript;base64," + readFileSync(new URL("../../bundles/ticket.js", import.meta.url)).toString("base64"));
const rfc = JSON.parse(readFileSync(new URL("../../../survey/ticket/testdata/rfc9497.json", import.meta.url)));

test("the built bundle has what its source has", () => {
  assert.deepEqual(Object.keys(built).sort(), Object.keys(source).sort());
});

test("the built bundle gives the published values and takes no other proof", () => {
  let compared = 0;
  for (const vector of rfc.vectors.filter((v) => v.Batch === 1)) {
    const seed = new Uint8Array(48); // rawBlind adds 1
    seed.set(unhex(vector.Blind));
    assert.notEqual(seed[0], 0);
    seed[0] -= 1;
    const state = built.rawBlind(unhex(vector.Input), seed, unhex(vector.Info), unhex(rfc.pkSm));
    assert.equal(hex(state.blinded), vector.BlindedElement);
    const [evaluated, proof] = [unhex(vector.EvaluationElement), unhex(vector.Proof.proof)];
    assert.equal(hex(built.rawFinalize(state, evaluated, proof)), vector.Output);
    for (let i = 0; i < proof.length; i += 9) {
      const turned = proof.slice();
      turned[i] ^= 1;
      assert.throws(() => built.rawFinalize(state, evaluated, turned), built.ProofError);
    }
    compared += 1;
  }
  assert.equal(compared, 2); // appendix A.1.3 has two single vectors
});
