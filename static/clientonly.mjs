// Leaves out of the tickets' bundle what a phone never does: the modes OPRF and
// VOPRF, and the server's half of POPRF, which stand inside one function of
// noble-curves, where no bundler finds them unused. 6 % of the bundle.
//
// The rest stays as its authors wrote it. Whatever is not found where it is
// expected, in another version for example, fails the build; the published
// vectors run on the built bundle (js/ticket/bundle.test.mjs).
import { readFile } from "node:fs/promises";

// Each piece runs from the first text up to the second, which stays.
const pieces = [
  ["    function computeCompositesFast(", "    function challengeTranscript("],
  ["    function generateProof(", "    function verifyProof("],
  ["    function generateKeyPair(", "    const wirePoint = "],
  ["    function blind(", "    const oprf = "],
  ["    const oprf = ", "    const voprf = "],
  ["    const voprf = ", "    const poprf = "],
  ["            generateKeyPair,", "            blind(input, publicKey"],
  ["            blindEvaluateBatch(", "            finalizeBatch("],
  ["            evaluate(secretKey, input) {", "        });\n    };"],
  ["oprf, voprf, ", "poprf, __tests"],
  [", __tests: Object", " };"],
];

export const clientOnly = {
  name: "client only",
  setup(build) {
    build.onLoad({ filter: /noble\/curves\/abstract\/oprf\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const [from, to] of pieces) contents = without(contents, from, to);
      return { contents, loader: "js" };
    });
  },
};

function without(text, from, to) {
  const begin = text.indexOf(from);
  const end = text.indexOf(to, begin + 1);
  if (begin < 0 || end < 0 || text.indexOf(from, begin + 1) >= 0) throw new Error(`noble-curves has no single ${from.trim()}`);
  return text.slice(0, begin) + text.slice(end);
}
