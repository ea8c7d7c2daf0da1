// A person's own results, kept on this phone because they tapped to keep them.
// They are in this browser's storage and nowhere else: nothing here sends
// anything. A result is what the phone worked out, never an answer; with it lie
// the notes that somebody wrote for themselves.
//
// The page of a personal link loads this once a result is shown; /a/past shows
// what is kept.
import { range, score } from "./scoring.js";
import { carryToken, takeToken } from "./token.js";
import { button, byId, decimal, fill, make, open, scripted } from "./words.js";

// How many results of one person are kept: five years of monthly rounds.
const most = 60;

const database = () =>
  new Promise((done, fail) => {
    const request = indexedDB.open("attune-past", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("results");
    request.onerror = fail;
    request.onsuccess = () => done(request.result);
  });

// run gives what the work's request gave, once it is on disk.
async function run(mode, work) {
  const db = await database();
  try {
    const transaction = db.transaction("results", mode, { durability: "strict" });
    const request = work(transaction.objectStore("results"));
    await new Promise((done, fail) => {
      transaction.oncomplete = done;
      transaction.onabort = fail;
    });
    return request.result;
  } finally {
    db.close();
  }
}

// Results lie under a secretID of the ticket client, so that two people can share a phone.
const ids = () => run("readonly", (store) => store.getAllKeys());
const read = async (id) => (await run("readonly", (store) => store.get(id))) ?? [];
const write = (id, results) => run("readwrite", (store) => store.put(results, id));
const erase = (id) => run("readwrite", (store) => store.delete(id));

// today is the day on this phone, as YYYY-MM-DD.
function today() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
}

/** The result of a round as it is kept; scales without a score are left out. */
export function resultOf(wave, answers, day) {
  const scales = [];
  for (const scale of wave.scales) {
    const value = score(scale, answers);
    if (value !== null) scales.push({ id: scale.id, title: scale.title, value, ...range(scale), error: scale.error });
  }
  return { wave: wave.id, day, scales };
}

/** What stands in fields for oneself, as {question, note}; empty ones are left out. */
export function notesIn(fields) {
  const notes = [...fields].map((field) => ({ question: field.labels[0].firstChild.data.trim(), note: field.value.trim() }));
  return notes.filter(({ note }) => note);
}

/** Results with one more, oldest first: a round that is there already is replaced. */
export function withResult(results, result) {
  return [...results.filter((old) => old.wave !== result.wave), result].slice(-most);
}

/** The kept results as CSV, a line each scale and day; numbers with a point. */
export function asCSV(results) {
  const cell = (value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const lines = [["day", "round", "scale", "result", "lowest", "highest", "give_or_take"]];
  for (const { day, wave, scales } of results) {
    for (const s of scales) {
      const numbers = [s.value, s.low, s.high, s.error].map((n) => String(Math.round(n * 100) / 100));
      lines.push([day, wave, s.title, ...numbers]);
    }
  }
  return lines.map((line) => line.map(cell).join(",") + "\r\n").join("");
}

const onPage = (words) => make("p", "hint", words);

/**
 * Offers to keep a result, in a place on the page that shows it. alone is
 * false where several people's tickets are on this phone: then it does not.
 */
export async function offer(place, id, wave, answers, alone, lang) {
  const result = resultOf(wave, answers, today());
  const response = await fetch("/a/past.json?lang=" + lang, { credentials: "omit", referrerPolicy: "no-referrer" });
  if (!response.ok || result.scales.length === 0) return;
  const { text } = await response.json();
  place.append(make("h2", "", text.title));
  if (!alone) {
    place.append(onPage(text.shared));
    return;
  }
  const said = make("p");
  said.setAttribute("role", "status");
  const own = document.querySelectorAll(".own");
  const store = async () => {
    try {
      await write(id, withResult(await read(id), { ...result, notes: notesIn(own) }));
      said.textContent = text.kept;
      return true;
    } catch {
      said.textContent = text.denied;
      return false;
    }
  };
  const keep = button("button quiet wide", text.keep, async () => {
    if (!(await store())) return;
    keep.remove();
    why.remove();
    for (const field of own) field.addEventListener("change", store); // notes written later are kept too
  });
  const why = make("div");
  why.append(onPage(text.why));
  if (own.length > 0) why.append(onPage(text.why_notes));
  const see = make("a", "", text.see);
  see.href = "/a/past?lang=" + lang + "#" + id; // stays on the phone, as all behind a #
  const line = make("p");
  line.append(see);
  place.append(why, keep, said, line);
}

// table shows one scale over time, the newest first.
function table(rows, text, lang) {
  const newest = rows[0].scale;
  const box = make("section", "scale");
  box.append(make("h2", "", newest.title));
  const list = make("table");
  list.append(make("caption", "", fill(text.caption, { low: decimal(newest.low), high: decimal(newest.high) })));
  const body = make("tbody");
  for (const { day, scale } of rows) {
    const row = make("tr");
    const head = make("th", "", new Date(day + "T12:00").toLocaleDateString(lang, { dateStyle: "medium" }));
    head.scope = "row";
    const bar = make("td", "past-line");
    const line = make("div", "range");
    line.setAttribute("aria-hidden", "true"); // the number beside it says the same
    const mark = make("div", "mark");
    mark.style.left = (100 * (scale.value - scale.low)) / (scale.high - scale.low) + "%";
    line.append(mark);
    bar.append(line);
    row.append(head, make("td", "past-value", decimal(scale.value)), bar);
    body.append(row);
  }
  list.append(body);
  box.append(list, onPage(fill(text.error, { error: decimal(newest.error) })));
  return box;
}

// rowsOf turns results round: a list a scale, each with its newest day first.
function rowsOf(results) {
  const scales = new Map();
  for (const { day, scales: measured } of [...results].reverse()) {
    for (const scale of measured) {
      if (!scales.has(scale.id)) scales.set(scale.id, []);
      scales.get(scale.id).push({ day, scale });
    }
  }
  return [...scales.values()];
}

// notebook lists the notes, the newest day first; null where there are none.
function notebook(results, text, lang) {
  const written = results.filter(({ notes }) => notes?.length > 0).reverse();
  if (written.length === 0) return null;
  const box = make("section");
  box.append(make("h2", "", text.notes));
  for (const { day, notes } of written) {
    box.append(make("h3", "", new Date(day + "T12:00").toLocaleDateString(lang, { dateStyle: "medium" })));
    const list = make("dl");
    for (const { question, note } of notes) list.append(make("dt", "", question), make("dd", "", note));
    box.append(list);
  }
  box.append(button("button quiet wide", text.print, () => print()));
  return box;
}

async function show(place, { text, lang }, asked) {
  const paragraph = (words) => place.replaceChildren(make("p", "lead", words));
  let kept;
  try {
    kept = await ids();
  } catch {
    paragraph(text.denied);
    return;
  }
  const id = asked ?? kept[0];
  if (!asked && kept.length > 1) {
    paragraph(text.several);
    place.append(eraser(kept));
    return;
  }
  const results = id ? await read(id) : [];
  if (results.length === 0) {
    paragraph(text.none);
    return;
  }
  const file = button("button quiet wide", text.file, () => {
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([asCSV(results)], { type: "text/csv" }));
    link.download = text.file_name + ".csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  });
  const parts = rowsOf(results).map((rows) => table(rows, text, lang));
  place.replaceChildren(...[...parts, notebook(results, text, lang)].filter(Boolean), onPage(text.where), file, eraser([id]));

  // eraser forgets at one tap, and can bring back until the page is left.
  function eraser(gone) {
    return button("button quiet wide", text.erase, async () => {
      const before = await Promise.all(gone.map(read));
      await Promise.all(gone.map(erase));
      paragraph(text.erased);
      place.append(button("button quiet wide", text.undo, async () => {
        await Promise.all(gone.map((one, i) => write(one, before[i])));
        await show(place, { text, lang }, asked);
      }));
    });
  }
}

const page = globalThis.document && byId("past");
if (page) {
  scripted();
  const bar = document.querySelector(".bar a");
  bar.addEventListener("click", (event) => {
    event.preventDefault();
    page.remove();
    open(byId("left"));
    bar.remove();
  });
  const asked = takeToken();
  carryToken(() => asked);
  show(byId("kept"), JSON.parse(byId("texts").textContent), asked);
}
