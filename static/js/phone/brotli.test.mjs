// What phones load in brotli is what stands there plain: a bundle that was
// built without its packed form would be served in two versions.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import test from "node:test";
import { brotliDecompressSync } from "node:zlib";

const bundles = new URL("../../bundles/", import.meta.url);
for (const name of (await readdir(bundles)).filter((n) => n.endsWith(".br"))) {
  test(`${name} unpacks to the bundle`, async () => {
    const packed = brotliDecompressSync(await readFile(new URL(name, bundles)));
    assert.ok(packed.equals(await readFile(new URL(name.slice(0, -3), bundles))));
  });
}
