// The sheet as survey.Sheet and survey.Slot have it.
import assert from "node:assert/strict";
import test from "node:test";
import { sheetOf } from "./casting.js";

const question = (options, chosen) => ({
  querySelectorAll: () => Array.from({ length: options }, (_, i) => ({ checked: i === chosen })),
});

test("a sheet has one byte a question, 0 for skipped, else the place plus one, and zeros to the slot", () => {
  // A slot of 64 bytes less 33: nullifier and mark.
  const sheet = sheetOf([question(5, 0), question(5, -1), question(5, 4), question(11, 10)], 64);
  assert.equal(sheet.length, 31);
  assert.deepEqual([...sheet.slice(0, 5)], [1, 0, 5, 11, 0]);
  assert.ok(sheet.slice(4).every((byte) => byte === 0));
});
