// The proof that a group stands in the manifest: RFC 6962, section 2.1, as in
// survey/merkle.go.
import { hex, join, sha256, unhex, utf8 } from "./bytes.js";

const node = (left, right) => sha256(join(Uint8Array.of(1), left, right));

// climb hashes up from leaf index of count. It fails when the path has not
// exactly the steps that this place needs.
async function climb(hash, index, count, path) {
  if (path.length === 0 && count === 1) return hash;
  if (path.length === 0 || count === 1) throw new RangeError();
  let cut = 1; // the largest power of two below count
  while (cut * 2 < count) cut *= 2;
  const rest = path.slice(0, -1);
  const last = path[path.length - 1];
  if (index < cut) return node(await climb(hash, index, cut, rest), last);
  return node(last, await climb(hash, index - cut, count - cut, rest));
}

function step(text) {
  const hash = unhex(text);
  if (hash.length !== 32) throw new RangeError();
  return hash;
}

// verifyLeaf says whether leaf, the text or bytes exactly as served, stands at
// place index of count leaves under root. path and root are hexadecimal, the
// path from the leaf's sibling up. Whatever is malformed is simply not valid.
export async function verifyLeaf(leaf, index, count, path, root) {
  try {
    if (![index, count].every(Number.isSafeInteger) || index < 0 || index >= count) return false;
    const bytes = typeof leaf === "string" ? utf8(leaf) : leaf;
    const got = await climb(await sha256(join(Uint8Array.of(0), bytes)), index, count, path.map(step));
    return hex(got) === hex(step(root));
  } catch {
    return false;
  }
}
