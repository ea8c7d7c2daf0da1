// The page of the browser tests: loads the bundle as the answer page does, and
// plays the phone. Answers are handed to the test as hexadecimal text.
globalThis.violations = [];
addEventListener("securitypolicyviolation", (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));

if (location.search === "?denied") {
  Object.defineProperty(globalThis, "indexedDB", {
    get() {
      throw new DOMException("storage is denied", "SecurityError");
    },
  });
}

const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const read = async (path) => (await fetch(path)).json();
const bytes = (text) => new TextEncoder().encode(text);

const before = Object.keys(globalThis).length;
const ticket = await import("/ticket.js");
globalThis.addedGlobals = Object.keys(globalThis).length - before;

const promise = await read("/promise");
const about = (group) => ticket.info(bytes(promise.manifest), group);
const publicKey = unhex(promise.public_key);

async function stamp(path, info, blinded) {
  const answer = await fetch(path, { method: "POST", body: `${hex(info)} ${hex(blinded)}` });
  const [evaluated, proof] = (await answer.text()).split(" ").map(unhex);
  return { evaluated, proof };
}

globalThis.phone = {
  // The published vectors; a seed is the blind less 1, see rawBlind.
  async vectors() {
    const rfc = await read("/testdata/rfc9497.json");
    const got = [];
    for (const vector of rfc.vectors.filter((v) => v.Batch === 1)) {
      const seed = new Uint8Array(48);
      seed.set(unhex(vector.Blind));
      seed[0] -= 1; // both blinds start with another byte than 0
      const state = ticket.rawBlind(unhex(vector.Input), seed, unhex(vector.Info), unhex(rfc.pkSm));
      const output = ticket.rawFinalize(state, unhex(vector.EvaluationElement), unhex(vector.Proof.proof));
      got.push([hex(state.blinded), hex(output)]);
    }
    return got;
  },

  async derived() {
    const got = [];
    for (const c of (await read("/testdata/derive.json")).cases) {
      const secret = await crypto.subtle.importKey("raw", unhex(c.secret), "HKDF", false, ["deriveBits", "deriveKey"]);
      const info = await ticket.info(bytes(c.manifest), c.group);
      const { blinded } = await ticket.blind(secret, info, unhex(c.public_key));
      const { input, output } = await ticket.finalize(secret, info, unhex(c.public_key), unhex(c.evaluated), unhex(c.proof));
      got.push([hex(info), hex(input), hex(blinded), hex(output)]);
    }
    return got;
  },

  // own finds or makes the secret of an id, as the answer page does.
  async own(id) {
    const found = await ticket.loadSecret(id);
    return found.value ? found : ticket.saveSecret(id, await ticket.makeSecret());
  },

  // draw plays one draw: what was sent, the ticket, and how long it took.
  async draw(id, group, path) {
    const { value: key } = await phone.own(id);
    const info = await about(group);
    const start = performance.now();
    const { blinded, state } = await ticket.blind(key, info, publicKey);
    const blindMS = performance.now() - start;
    const { evaluated, proof } = await stamp(path, info, blinded);
    const middle = performance.now();
    const { input, output } = await ticket.finalize(key, info, publicKey, evaluated, proof, state);
    const finalizeMS = performance.now() - middle;
    return { info: hex(info), blinded: hex(blinded), evaluated: hex(evaluated), input: hex(input), output: hex(output), blindMS, finalizeMS };
  },

  refused: (id, group, path) => phone.draw(id, group, path).then(() => "accepted", (error) => error.name),

  blinded: async (key) => hex((await ticket.blind(key, await about("north"), publicKey)).blinded),

  // kept is what lies in IndexedDB, read without our code.
  kept: () =>
    new Promise((done, fail) => {
      const request = indexedDB.open("attune");
      request.onerror = () => fail(request.error);
      request.onsuccess = () => {
        const cursor = request.result.transaction("secrets").objectStore("secrets").openCursor();
        const all = {};
        cursor.onsuccess = () => {
          if (!cursor.result) return done(all), request.result.close();
          all[cursor.result.key] = cursor.result.value;
          cursor.result.continue();
        };
      };
    }),

  async keyState(id) {
    const key = (await phone.kept())[id];
    const read = await crypto.subtle.exportKey("raw", key).then(() => "exported", (error) => error.name);
    return { kind: key.constructor.name, extractable: key.extractable, read, blinded: await phone.blinded(key) };
  },

  async race(id) {
    const tabs = await Promise.all([import("/ticket.js?1"), import("/ticket.js?2")]); // modules of their own
    const both = await Promise.all(tabs.map(async (tab) => tab.saveSecret(id, await tab.makeSecret())));
    return Promise.all(both.map(({ value }) => phone.blinded(value)));
  },

  async sealed(id, text) {
    const { value: key } = await phone.own(id);
    const { stored } = await ticket.sealDraft(id, key, await about("north"), text);
    const draft = Object.entries(await phone.kept()).find(([name]) => name.startsWith("draft:"))[1];
    return { stored, bytes: new TextDecoder().decode(draft.data) };
  },

  opened: async (id) => ticket.openDraft(id, (await phone.own(id)).value, await about("north")),

  async denied() {
    const { value: key, stored } = await phone.own("denied");
    const again = await ticket.loadSecret("denied");
    const saved = await ticket.saveTicket("denied", "2026-11", { group: "north" });
    const drawn = await phone.draw("denied", "north", "/draw/published");
    return { stored, again: again.stored, same: again.value === key, ticket: saved.stored, held: await ticket.heldBy("2026-11"), drawn };
  },

  async tickets() {
    await ticket.saveTicket("a", "2026-11", { group: "north", input: new Uint8Array([1]) });
    const unclonable = await ticket.saveTicket("b", "2026-11", { group: "south", cannot: () => {} });
    const { value: kept, stored } = await ticket.loadTicket("a", "2026-11");
    return { group: kept.group, input: hex(kept.input), stored, unclonable: unclonable.stored, held: (await ticket.heldBy("2026-11")).sort() };
  },

  leaf: (leaf, index, count, path) => ticket.verifyLeaf(leaf, index, count, path, promise.groups_root),

  async wiped(id) {
    const gone = await ticket.wipe(id);
    return { gone, left: Object.keys(await phone.kept()) };
  },

  html() {
    try {
      document.body.innerHTML = "<b>a string as markup</b>";
      return "allowed";
    } catch (error) {
      return error.name;
    }
  },
};
globalThis.ready = true;
