// A group's leaf is checked against the manifest's root as survey/merkle.go does.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { verifyLeaf } from "./merkle.js";

const sha = (...parts) => parts.reduce((h, part) => h.update(part), createHash("sha256")).digest();
const leafHash = (leaf) => sha(Uint8Array.of(0), leaf);

// RFC 6962, sections 2.1 and 2.1.1, word for word.
const split = (n) => 2 ** Math.floor(Math.log2(n - 1));
function rootOf(leaves) {
  if (leaves.length === 1) return leafHash(leaves[0]);
  const k = split(leaves.length);
  return sha(Uint8Array.of(1), rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}
function pathOf(m, leaves) {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  if (m < k) return [...pathOf(m, leaves.slice(0, k)), rootOf(leaves.slice(k))];
  return [...pathOf(m - k, leaves.slice(k)), rootOf(leaves.slice(0, k))];
}
const hexed = (hashes) => hashes.map((hash) => hash.toString("hex"));
const turn = (text) => (text[0] === "0" ? "1" : "0") + text.slice(1);

// The inputs and roots of the reference tests of Certificate Transparency, as
// in survey/merkle_test.go.
const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const roots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

test("leaves of the reference trees are found at their place and nowhere else", async () => {
  const leaves = inputs.map((input) => Buffer.from(input, "hex"));
  for (let n = 1; n <= 8; n++) {
    const tree = leaves.slice(0, n);
    assert.equal(rootOf(tree).toString("hex"), roots[n - 1]);
    for (let i = 0; i < n; i++) {
      const path = hexed(pathOf(i, tree));
      assert.ok(await verifyLeaf(tree[i], i, n, path, roots[n - 1]), `leaf ${i} of ${n}`);
      for (let j = -1; j <= n; j++) {
        if (j !== i) assert.ok(!(await verifyLeaf(tree[i], j, n, path, roots[n - 1])), `leaf ${i} at place ${j} of ${n}`);
      }
    }
  }
});

test("whatever is changed is refused", async () => {
  const leaves = Array.from({ length: 11 }, (_, i) => `{"group":"g${i}","headcount":${5 + i}}`);
  const root = rootOf(leaves).toString("hex");
  for (const [i, leaf] of leaves.entries()) {
    const path = hexed(pathOf(i, leaves));
    assert.ok(await verifyLeaf(leaf, i, 11, path, root));
    const refused = {
      "a changed leaf": [leaf.replace(`${5 + i}`, "99"), i, 11, path, root],
      "a blank more": [leaf + " ", i, 11, path, root],
      "another root": [leaf, i, 11, path, turn(root)],
      "a short root": [leaf, i, 11, path, root.slice(2)],
      "no root": [leaf, i, 11, path, undefined],
      "no path": [leaf, i, 11, undefined, root],
      "a longer path": [leaf, i, 11, [...path, root], root],
      "a part of a place": [leaf, i + 0.5, 11, path, root],
      "no count": [leaf, i, NaN, path, root],
      "an impossible count": [leaf, i, 2 ** 60, path, root],
    };
    path.forEach((_, j) => {
      refused[`step ${j} changed`] = [leaf, i, 11, path.map((s, k) => (k === j ? turn(s) : s)), root];
      refused[`step ${j} cut`] = [leaf, i, 11, path.filter((_, k) => k !== j), root];
      refused[`step ${j} no hexadecimal`] = [leaf, i, 11, path.map((s, k) => (k === j ? "x" + s.slice(1) : s)), root];
    });
    for (const [name, args] of Object.entries(refused)) assert.equal(await verifyLeaf(...args), false, `leaf ${i}, ${name}`);
  }
});

test("a leaf is hashed exactly as it was served", async () => {
  // the literal of survey/merkle_test.go, TestALeafIsHashedAsCanonicalJSONBehindItsPrefix
  const leaf = `{"group":"b:1","headcount":7,"salt":"00ff","units":["A & B","Ç"],"way":"paper"}`;
  const root = sha("\x00" + leaf).toString("hex");
  assert.ok(await verifyLeaf(leaf, 0, 1, [], root));
  assert.ok(await verifyLeaf(new TextEncoder().encode(leaf), 0, 1, [], root));
});
