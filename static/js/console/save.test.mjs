import assert from "node:assert/strict";
import { test } from "node:test";
import { csv } from "./save.js";

test("cells with commas and quotes are quoted, numbers stay numbers", () => {
  assert.equal(csv([["Wave", "Mean"], ["May, \"early\"", "2.5"], ["June", "-0.5"]]),
    'Wave,Mean\r\n"May, ""early""",2.5\r\nJune,-0.5\r\n');
});

test("what a spreadsheet would run is text", () => {
  assert.equal(csv([["=1+1", "@x", "+a", "-a", "- 3"]]), "'=1+1,'@x,'+a,'-a,- 3\r\n");
});
