// Builds the browser bundles: sources in js, built files in bundles. The built
// files are committed, so that the server needs no Node; a rebuild of the same
// sources with the locked esbuild gives the same bytes.
//
// One line a bundle. "npm ci --ignore-scripts && node build.mjs" builds all;
// "node build.mjs phone" builds those whose name is given.
import { build, transform } from "esbuild";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import { clientOnly } from "./clientonly.mjs";

const bundles = [
  { name: "phone", entry: "js/phone/phone.js" },
  { name: "console", entry: "js/console/console.js" },
  { name: "feel", entry: "js/console/feel.js" },
  { name: "job", entry: "js/console/job.js" },
  { name: "tree", entry: "js/console/tree.js" },
  { name: "branding", entry: "js/console/branding.js" },
  { name: "echarts", entry: "js/console/echarts.js" },
  { name: "kiosk", entry: "js/phone/kiosk.js" },
  { name: "link", entry: "js/phone/link.js" },
  { name: "worker", entry: "js/phone/worker.js" },
  { name: "collect", entry: "js/phone/collect.js" },
  { name: "past", entry: "js/phone/past.js" },
  // Class fields are in every browser that has es2020's big integers, but for
  // Safari 14.0; without them the bundle would be 1 % larger.
  { name: "ticket", entry: "js/ticket/ticket.js", supported: { "class-field": true, "class-static-field": true }, plugins: [clientOnly] },
];

// What phones load is there in brotli too, which saves an eighth; the server
// itself writes gzip only.
const forPhones = ["phone", "kiosk", "link", "collect", "past", "worker", "ticket"];

// pack leaves a packed file alone that holds the same bytes: another version
// of Node packs them differently, and that is no difference to anybody.
async function pack(name) {
  const file = new URL(`bundles/${name}`, import.meta.url);
  const packed = new URL(`${file}.br`);
  const bytes = await readFile(file);
  const before = await readFile(packed).catch(() => null);
  if (before && unpacked(before)?.equals(bytes)) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  await writeFile(packed, brotliCompressSync(bytes, { params }));
}

function unpacked(bytes) {
  try {
    return brotliDecompressSync(bytes);
  } catch {
    return null;
  }
}

const asked = process.argv.slice(2);
for (const { name, entry, supported, plugins } of bundles) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  await build({
    absWorkingDir: dirname(fileURLToPath(import.meta.url)),
    entryPoints: [entry],
    outfile: `bundles/${name}.js`,
    bundle: true,
    format: "esm",
    minify: true,
    charset: "utf8",
    legalComments: "eof",
    target: ["es2020"],
    supported,
    plugins,
  });
  if (forPhones.includes(name)) await pack(`${name}.js`);
}

// The phone's style sheet: the tokens, and what is its own.
if (asked.length === 0 || asked.includes("css")) {
  const parts = await Promise.all(["tokens", "phone"].map((part) => readFile(new URL(`css/${part}.css`, import.meta.url), "utf8")));
  const { code } = await transform(parts.join(""), { loader: "css", minify: true, charset: "utf8" });
  await writeFile(new URL("bundles/phone.css", import.meta.url), code);
  await pack("phone.css");
}

// For the tests of the pages only, as its authors publish it: axe-core, with
// its licences beside it.
if (asked.length === 0 || asked.includes("axe")) {
  const here = new URL(".", import.meta.url);
  for (const [from, to] of [["axe.min.js", "axe.min.js"], ["LICENSE", "axe.LICENSE.txt"], ["LICENSE-3RD-PARTY.txt", "axe.LICENSE-3RD-PARTY.txt"]]) {
    await copyFile(new URL(`node_modules/axe-core/${from}`, here), new URL(`../cmd/attune/testdata/${to}`, here));
  }
}
