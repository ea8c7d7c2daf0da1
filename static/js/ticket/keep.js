// What the phone keeps, in IndexedDB: secrets, tickets and sealed drafts. Where
// the browser denies storage (private windows, full disks) it is kept in
// memory instead, until the page closes, and the caller is told: stored is
// false. What is in memory is newer than what is on disk and goes first.
//
// Names: ID (a secret), ticket:WAVE:ID, draft:ID:INFO.

const memory = new Map();
let opening;

const open = () =>
  new Promise((done, fail) => {
    const request = indexedDB.open("attune", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("secrets");
    request.onerror = fail;
    request.onsuccess = () => {
      request.result.onclose = () => (opening = undefined);
      done(request.result);
    };
  });

// run waits until the whole transaction is on disk: a ticket that is drawn with
// a secret that is lost a moment later cannot be drawn again.
async function run(mode, work) {
  try {
    const transaction = (await (opening ??= open())).transaction("secrets", mode, { durability: "strict" });
    const request = work(transaction.objectStore("secrets"));
    await new Promise((done, fail) => {
      transaction.oncomplete = done;
      transaction.onabort = fail;
    });
    return { result: request.result, stored: true };
  } catch {
    return { stored: false };
  }
}

// get gives {value, stored}, value null when there is none.
export async function get(name) {
  const { result, stored } = await run("readonly", (store) => store.get(name));
  return { value: memory.get(name) ?? result ?? null, stored: stored && !memory.has(name) };
}

// put keeps value and gives {value, stored}. With first, a value that stands
// there already stays, and is the one that is given: two tabs that make a
// secret at the same time end up with the same one.
export async function put(name, value, first) {
  if (first) value = memory.get(name) ?? value;
  memory.set(name, value);
  const { result, stored } = await run("readwrite", (store) => {
    const request = store.get(name);
    request.onsuccess = () => (first && request.result) || store.put(value, name);
    return request;
  });
  if (stored) memory.delete(name);
  return { value: (first && result) || value, stored };
}

// names lists what is kept.
export async function names() {
  const { result } = await run("readonly", (store) => store.getAllKeys());
  return [...new Set([...(result ?? []), ...memory.keys()])];
}

// drop forgets the names. It says whether the browser confirmed it.
export async function drop(gone) {
  for (const name of gone) memory.delete(name);
  const { stored } = await run("readwrite", (store) => {
    for (const name of gone) store.delete(name);
    return {};
  });
  return stored;
}
