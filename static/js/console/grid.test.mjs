import assert from "node:assert/strict";
import { test } from "node:test";
import { gridLayout } from "./grid.js";
import { hatching } from "./paint.js";

test("a grid shows as many of the latest columns as its words have room for", () => {
  assert.equal(gridLayout("strip", 960, 14, 6, 47).shown, 14);
  assert.equal(gridLayout("strip", 960, 60, 6, 47).shown, 14);
  assert.equal(gridLayout("strip", 960, 14, 6, 74).shown, 9); // 776 pixels, 80 a word
  assert.equal(gridLayout("strip", 290, 14, 6, 47).shown, 5);
  assert.equal(gridLayout("heat", 290, 14, 30, 24).shown, 3);
  assert.equal(gridLayout("heat", 40, 14, 30, 24).shown, 1);
});

test("names stand above the rows of a strip on a phone, and beside them elsewhere", () => {
  assert.equal(gridLayout("strip", 290, 14, 6).names, 0);
  assert.ok(gridLayout("strip", 960, 14, 6).names > 0);
  assert.ok(gridLayout("heat", 290, 14, 6).names > 0);
});

test("a grid is as high as its rows, and a row as its longest name", () => {
  const { height, row } = gridLayout("heat", 960, 14, 30, 24, 3);
  assert.ok(row >= 3 * 17);
  assert.ok(height >= 30 * row);
});

test("hatching keeps inside its cell, reaches two corners, and has many lines", () => {
  const path = hatching(52, 30);
  const points = [...path.matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)].map(([, x, y]) => [+x, +y]);
  for (const [x, y] of points) assert.ok(x >= 0 && x <= 52 && y >= 0 && y <= 31, `${x} ${y}`);
  assert.ok(points.some(([x, y]) => x === 0 && y === 0));
  assert.ok(points.some(([x, y]) => x === 52 && y === 30));
  assert.ok((path.match(/Z/g) ?? []).length > 10);
});
