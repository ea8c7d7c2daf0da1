import assert from "node:assert/strict";
import { test } from "node:test";
import { asCSV, notesIn, resultOf, withResult } from "./past.js";

const item = (id) => ({ id, reverse: false, min: 1, max: 5 });
const wave = {
  id: "2026-11",
  scales: [
    { id: "bo", title: "Burnout", items: [item("a"), item("b"), item("c")], min_answered: 2, method: "mean", error: 1.5 },
    { id: "cs", title: "Joy, \"lasting\"", items: [item("d"), item("e")], min_answered: 2, method: "mean", error: 1.5 },
  ],
};

test("a result holds scores and no answers, and leaves out what has no score", () => {
  // (2 + 5) / 2 = 3.5; one of two answered items is too few for the other scale.
  const result = resultOf(wave, { a: 2, b: 5, d: 1 }, "2026-11-22");
  assert.deepEqual(result, {
    wave: "2026-11", day: "2026-11-22",
    scales: [{ id: "bo", title: "Burnout", value: 3.5, low: 1, high: 5, error: 1.5 }],
  });
});

test("answering a round again replaces its result, and old ones make room", () => {
  const of = (wave, value) => ({ wave, value });
  assert.deepEqual(withResult([of("a", 1), of("b", 2)], of("a", 3)), [of("b", 2), of("a", 3)]);
  let kept = [];
  for (let i = 0; i < 70; i++) kept = withResult(kept, of(String(i), i));
  assert.equal(kept.length, 60);
  assert.equal(kept[0].wave, "10", "the oldest go first");
});

test("the file has a line for each scale, with quotes where they are needed", () => {
  const result = resultOf(wave, { a: 1, b: 1, c: 2, d: 4, e: 5 }, "2026-11-22");
  assert.equal(asCSV([result]), [
    "day,round,scale,result,lowest,highest,give_or_take",
    "2026-11-22,2026-11,Burnout,1.33,1,5,1.5", // (1 + 1 + 2) / 3
    '2026-11-22,2026-11,"Joy, ""lasting""",4.5,1,5,1.5', // (4 + 5) / 2
    "",
  ].join("\r\n"));
});

test("notes are kept with their question, empty ones not", () => {
  const field = (question, value) => ({ value, labels: [{ firstChild: { data: question + "\n" } }] });
  assert.deepEqual(notesIn([field("Level?", "2"), field("Evidence?", "  "), field("Next?", " ask Sam ")]), [
    { question: "Level?", note: "2" },
    { question: "Next?", note: "ask Sam" },
  ]);
});
