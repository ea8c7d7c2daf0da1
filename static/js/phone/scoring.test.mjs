// The phone scores as the server does.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { range, score, third } from "./scoring.js";

const item = (id, reverse = false) => ({ id, reverse, min: 1, max: 5 });
const mean = { items: [item("a"), item("b"), item("c", true)], min_answered: 2, method: "mean" };

test("the phone gives every score of the shared vectors", () => {
  const { packs } = JSON.parse(readFileSync(new URL("../../../survey/testdata/vectors.json", import.meta.url)));
  let compared = 0;
  for (const pack of packs) {
    for (const { answers, scores } of pack.cases) {
      for (const scale of pack.scales) {
        const want = scores[scale.id] ?? null; // a scale without a score is absent or null
        assert.equal(score(scale, answers), want, `${pack.id} ${pack.version} ${scale.id} of ${JSON.stringify(answers)}`);
        compared += 1;
      }
    }
  }
  assert.ok(compared > 0, "the vectors hold no case");
});

test("a reversed item counts as min + max minus the answer", () => {
  // (1 + 2 + (6 − 5)) / 3
  assert.equal(score(mean, { a: 1, b: 2, c: 5 }), 4 / 3);
});

test("too few answers give no score, which is not 0", () => {
  assert.equal(score(mean, { a: 1 }), null);
  assert.equal(score(mean, {}), null);
  assert.equal(score({ ...mean, min_answered: 0 }, {}), null);
});

test("a sum is the mean of the answered items times the number of items", () => {
  // (4 + 5) / 2 · 3
  assert.equal(score({ ...mean, method: "sum" }, { a: 4, b: 5 }), 13.5);
});

test("an answer counts as its value unless the item says otherwise", () => {
  const right = (id) => ({ id, reverse: false, min: 0, max: 1, counts: { 2: 0, 3: null } });
  const check = { items: [right("a"), right("b"), right("c")], min_answered: 2, method: "sum" };
  // 1 counts 1, 2 counts 0, 3 as left out: (1 + 0) / 2 · 3
  assert.equal(score(check, { a: 1, b: 2, c: 3 }), 1.5);
  assert.equal(score(check, { a: 1, b: 3, c: 3 }), null);
});

test("the ends of the middle third belong to it", () => {
  assert.deepEqual(range(mean), { low: 1, high: 5 });
  assert.deepEqual(range({ ...mean, method: "sum" }), { low: 3, high: 15 });
  // Thirds of 1 to 5 end at 7/3 and 11/3, which three items can hit exactly.
  assert.equal(third(mean, 2), "low");
  assert.equal(third(mean, 7 / 3), "middle");
  assert.equal(third(mean, 11 / 3), "middle");
  assert.equal(third(mean, 4), "high");
});
