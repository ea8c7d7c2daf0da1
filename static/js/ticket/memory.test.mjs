// Node has no IndexedDB, as a private window has none: everything works in
// memory, and the page is told. The real storage is tested in a browser
// (survey/ticket).
import assert from "node:assert/strict";
import { test } from "node:test";
import * as ticket from "./ticket.js";

const info = new TextEncoder().encode("info");

test("where storage is denied a secret is kept in memory and the page is told", async () => {
  assert.deepEqual(await ticket.loadSecret("a"), { value: null, stored: false });
  const key = await ticket.makeSecret();
  assert.deepEqual(await ticket.saveSecret("a", key), { value: key, stored: false });
  assert.deepEqual(await ticket.loadSecret("a"), { value: key, stored: false });
  assert.equal((await ticket.saveSecret("a", await ticket.makeSecret())).value, key, "the first secret stays");
  await ticket.wipe();
});

test("tickets are found by wave and by person", async () => {
  await ticket.saveTicket("a", "2026-11", { group: "north" });
  await ticket.saveTicket("b", "2026-11", { group: "south" });
  await ticket.saveTicket("a", "2026-11-2", { group: "east" });
  assert.deepEqual((await ticket.loadTicket("a", "2026-11")).value, { group: "north" });
  assert.equal((await ticket.loadTicket("c", "2026-11")).value, null);
  assert.deepEqual((await ticket.heldBy("2026-11")).sort(), ["a", "b"]);
  assert.deepEqual(await ticket.heldBy("2026"), []);
  await ticket.wipe();
});

test("a draft is opened by the secret that sealed it and by no other", async () => {
  const key = await ticket.makeSecret();
  assert.equal(await ticket.openDraft("a", key, info), null);
  await ticket.sealDraft("a", key, info, "answers, déjà");
  assert.equal(await ticket.openDraft("a", key, info), "answers, déjà");
  assert.equal(await ticket.openDraft("a", await ticket.makeSecret(), info), null);
  assert.equal(await ticket.openDraft("a", key, new TextEncoder().encode("other")), null);
  await ticket.dropDraft("a", info);
  assert.equal(await ticket.openDraft("a", key, info), null);
});

test("wiping forgets everything of one person and nothing of another", async () => {
  for (const id of ["a", "b"]) {
    const { value: key } = await ticket.saveSecret(id, await ticket.makeSecret());
    await ticket.saveTicket(id, "2026-11", { id });
    await ticket.sealDraft(id, key, info, id);
  }
  await ticket.wipe("a");
  const b = (await ticket.loadSecret("b")).value;
  assert.equal((await ticket.loadSecret("a")).value, null);
  assert.deepEqual(await ticket.heldBy("2026-11"), ["b"]);
  assert.equal(await ticket.openDraft("a", b, info), null);
  assert.equal(await ticket.openDraft("b", b, info), "b");
  await ticket.wipe();
  assert.equal((await ticket.loadSecret("b")).value, null);
  assert.deepEqual(await ticket.heldBy("2026-11"), []);
});
