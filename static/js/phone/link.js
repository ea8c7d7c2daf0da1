// The page that a personal link opens. It sends the link's token only when
// somebody taps to collect a ticket; a phone that holds its ticket never sends
// it. Opening the page, also with its scripts, sends nothing but a ballot that
// somebody wanted to send before and that could not go.
import { Asking } from "./asking.js";
import { Casting, sheetOf } from "./casting.js";
import { draw } from "./draw.js";
import { showHelp } from "./help.js";
import { offline } from "./offline.js";
import { listAnswers, showResult } from "./result.js";
import { nameGroup as nameSeen } from "./seen.js";
import { carryToken, takeToken } from "./token.js";
import { button, byId, fill, make, open, scripted } from "./words.js";

const data = JSON.parse(byId("rounds").textContent);
const { text } = data;
const start = byId("start");
const bar = document.querySelector(".bar");

/** Between two tries to send what waits, in ms: doubled each time up to the last. */
const soonest = 2000;
const latest = 60000;

let token = takeToken();
let tickets; // the ticket client
let holder = null; // {id, key, stored}: whose tickets this page works with
let casting;
let asking = null;
let shown = null; // the part that says what became of a ballot
let left = false;

const url = (path) => data.cast.replace("/cast", path) + "?lang=" + data.lang;
const paragraph = (words, kind = "") => make("p", kind, words);
const painted = () => new Promise((done) => {
  requestAnimationFrame(() => setTimeout(done));
  setTimeout(done, 500); // a tab in the background paints nothing
});

async function begin() {
  scripted();
  carryToken(() => token);
  listen();
  await painted();
  try {
    tickets ??= await import(data.tickets);
    await identify();
    await render();
  } catch {
    byId("say").replaceChildren(problem(text.unable));
    return;
  }
  offline(data.worker);
  flush();
}

// identify finds out whose tickets these are: the link's, or those of the only
// person who has any on this phone.
async function identify() {
  const ids = new Set();
  if (token) ids.add(await tickets.secretID(token));
  else for (const wave of data.waves) for (const id of await tickets.heldBy(wave.id)) ids.add(id);
  holder = null;
  if (ids.size === 1) {
    const [id] = ids;
    const { value: key, stored } = await tickets.loadSecret(id);
    holder = { id, key, stored };
    casting = new Casting(tickets, holder, url);
  }
  const words = ids.size > 1 ? text.several : data.waves.length && !holder ? text.no_link : "";
  byId("say").replaceChildren(...(words ? [paragraph(words)] : []));
}

// render says for every round what can be done.
async function render() {
  for (const wave of data.waves) {
    wave.ticket = holder && (await tickets.loadTicket(holder.id, wave.id)).value;
    const place = byId("r-" + wave.id).querySelector(".do");
    place.replaceChildren(...(holder ? await choices(wave) : []));
    if (wave.ticket) nameGroup(wave);
  }
}

async function choices(wave) {
  const { ticket } = wave;
  if (ticket && ticket.manifest !== wave.manifest) return [problem(refusal("manifest", wave))];
  if (!ticket && !token) return [paragraph(text.no_link)];
  if (!wave.open) {
    if (ticket) return [paragraph(text.soon_held)];
    return holder.stored ? [paragraph(text.lost, "hint"), collector(wave, fill(text.collect_soon, wave), false)] : [paragraph(text.denied)];
  }
  if (!ticket && !holder.stored) return [paragraph(text.denied), chooser(text.answer, () => ask(wave))];
  if (!ticket) {
    return [
      collector(wave, text.collect_answer, true), paragraph(text.together, "hint"),
      collector(wave, text.collect_later, false), paragraph(text.lost, "hint"),
    ];
  }
  const parts = [];
  const waits = ticket.cast && (await casting.waits(ticket));
  if (waits) parts.push(paragraph(holder.stored ? text.pending : text.pending_here));
  else parts.push(paragraph(ticket.cast === "received" ? text.cast : holder.stored ? text.held : text.held_here));
  const again = waits || ticket.cast === "received";
  parts.push(chooser(again ? text.change : text.answer, () => ask(wave), again ? "quiet" : "primary"));
  if (again) parts.push(paragraph(text.change_hint, "hint"));
  if (ticket.cast) parts.push(...takeBack(wave));
  return parts;
}

const chooser = (words, act, kind = "primary") => button("button wide " + kind, words, act);

function nameGroup(wave) {
  const stored = byId("r-" + wave.id).querySelector(".stored");
  const before = stored.dataset.group;
  stored.textContent = stored.textContent.replace(before, () => fill(text.group, groupOf(wave.ticket)));
  stored.dataset.group = fill(text.group, groupOf(wave.ticket));
  nameSeen(seenOf(wave), text, { teams: wave.ticket.units, people: wave.ticket.headcount });
}

const seenOf = (wave) => byId("r-" + wave.id).querySelector(".seen");

const groupOf = (ticket) => ({ teams: ticket.units.join("; "), people: ticket.headcount });

function problem(words) {
  const box = make("div", "problem");
  box.setAttribute("role", "alert");
  box.append(paragraph(words));
  return box;
}

// A server that promises one person something else than everybody is never to
// be answered. What went wrong is named, so that it can be shown to others.
const refusal = (what, wave) => fill(text.refuse, { what: text["refuse_" + what], wave: wave.id, manifest: wave.manifest });

const explain = (error, wave) =>
  error.what === "said" ? error.said.message : error.what === "failed" ? text.unreachable : error.what ? refusal(error.what, wave) : text.unable;

function collector(wave, words, andAnswer) {
  const place = byId("r-" + wave.id).querySelector(".do");
  const collect = chooser(words, async () => {
    if (place.busy) return;
    place.busy = true;
    collect.textContent = text.collecting;
    place.querySelectorAll(".problem").forEach((old) => old.remove());
    try {
      await draw(tickets, token, wave, data.lang);
      await identify();
      await render();
      if (andAnswer) ask(wave);
    } catch (error) {
      collect.textContent = words;
      place.prepend(problem(explain(error, wave)));
    }
    place.busy = false;
  }, andAnswer || !wave.open ? "primary" : "quiet");
  return collect;
}

// ask opens the form of a round, always empty: earlier answers are nobody's to
// read, also not on this phone.
function ask(wave) {
  if (asking && asking.wave === wave) { // gone back to read the start again
    asking.screens.goTo(1);
    return;
  }
  reset();
  const parts = byId("f-" + wave.id).content.cloneNode(true);
  const form = parts.querySelector("form");
  const done = parts.querySelector(".received");
  start.after(form);
  asking = new Asking(form, start, form.querySelector(".check"), bar, text, { start: false }, () => sendAnswers(wave, done));
  asking.wave = wave;
  asking.screens.start(0);
  asking.screens.goTo(1);
}

async function sendAnswers(wave, done) {
  const { screens, questions } = asking;
  const mine = asking;
  if (!wave.ticket) {
    try {
      wave.ticket = (await draw(tickets, token, wave, data.lang)).ticket;
      await identify();
    } catch (error) {
      if (!screens.ended) mine.say(explain(error, wave));
      return text.try_now;
    }
  }
  if (screens.ended) return "";
  const answers = mine.answers();
  const replaces = wave.ticket.cast === "received";
  const stored = await casting.keep(wave.ticket, sheetOf(questions, wave.ticket.slot));
  const answer = await casting.deliver(wave.ticket);
  if (screens.ended) return "";
  if (answer && !answer.body && !answer.passing) {
    mine.say(answer.message);
    return "";
  }
  listAnswers(done.querySelector(".mine"), questions);
  mine.end();
  asking = null;
  start.hidden = true;
  showResult(done.querySelector(".result"), wave, text, answers);
  done.querySelector(".out").append(...takeBack(wave));
  done.querySelector(".seen-place").append(seenOf(wave).cloneNode(true));
  start.after(done);
  shown = { wave, done, stored, replaces };
  offerToKeep(done.querySelector(".keep"), wave, answers);
  if (answer && answer.passing) waiting();
  else received(answer);
  open(done);
  return "";
}

// offerToKeep is an extra: where it cannot be loaded, the page says nothing.
async function offerToKeep(place, wave, answers) {
  if (!holder.stored) return;
  try {
    const past = await import(data.past);
    const ids = new Set();
    for (const { id } of data.waves) for (const held of await tickets.heldBy(id)) ids.add(held);
    await past.offer(place, holder.id, wave, answers, ids.size < 2, data.lang);
  } catch {
    // no connection
  }
}

function received(answer) {
  const { wave, done, replaces } = shown;
  if (answer) showHelp(done, answer.body.help);
  shown.received = true;
  done.querySelector("h1").textContent = text.received;
  done.querySelector(".state").textContent =
    fill(text.received_group, groupOf(wave.ticket)) + (replaces ? " " + text.replaced : "");
  done.querySelector(".try").replaceChildren();
}

function waiting() {
  const { done, stored } = shown;
  done.querySelector("h1").textContent = text.problem;
  done.querySelector(".state").textContent = stored ? text.pending : text.pending_here;
  done.querySelector(".try").replaceChildren(chooser(text.try_now, () => flush()));
  later();
}

// takeBack is the button with which the ballot leaves the round again.
function takeBack(wave) {
  const said = paragraph("");
  said.setAttribute("role", "status");
  const out = chooser(text.back_out, async () => {
    const answer = await casting.takeBack(wave.ticket);
    if (left) return;
    said.textContent = answer.body ? text.taken_out : answer.message || text.back_out_failed;
    if (!answer.body) return;
    out.hidden = true;
    if (shown && shown.wave === wave) shown.done.querySelector(".try").replaceChildren();
    await render();
    if (!start.hidden) byId("r-" + wave.id).querySelector(".do").prepend(paragraph(text.taken_out));
  }, "quiet");
  return [out, said];
}

// flush sends whatever waits, of everybody on this phone: each of them tapped
// to send it. While something waits on, it tries again, slower each time.
let delay = soonest;
let timer = 0;
let flushing = false;

async function flush() {
  clearTimeout(timer);
  if (flushing || !tickets) return;
  flushing = true;
  let rest = false;
  for (const wave of data.waves.filter((w) => w.open)) {
    for (const id of await tickets.heldBy(wave.id)) {
      const { value: ticket } = await tickets.loadTicket(id, wave.id);
      const { value: key } = await tickets.loadSecret(id);
      if (!ticket || !ticket.cast || !key) continue;
      const mine = holder && holder.id === id;
      const answer = await new Casting(tickets, { id, key }, url).deliver(ticket);
      rest ||= Boolean(answer && answer.passing);
      if (mine && answer && !answer.passing) await delivered(wave, answer);
    }
  }
  flushing = false;
  if (rest) later();
  else delay = soonest;
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(flush, delay);
  delay = Math.min(2 * delay, latest);
}

async function delivered(wave, answer) {
  if (left) return;
  const ofThis = shown && shown.wave === wave;
  await render();
  if (answer.body) {
    if (ofThis) received(answer);
  } else if (ofThis) {
    shown.done.querySelector(".state").textContent = answer.message;
    shown.done.querySelector(".try").replaceChildren();
  } else {
    byId("r-" + wave.id).querySelector(".do").prepend(problem(answer.message));
  }
}

// reset goes back to the start, without answers.
function reset() {
  if (asking) asking.end();
  asking = null;
  if (shown) shown.done.remove();
  shown = null;
  start.hidden = false;
  document.documentElement.classList.remove("over", "asking");
}

function listen() {
  addEventListener("online", () => {
    delay = soonest;
    flush();
  });
  addEventListener("hashchange", async () => {
    const other = takeToken();
    if (!other || left || !tickets) return;
    token = other; // another person's link in the same window
    reset();
    await identify();
    await render();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload(); // nobody comes back to somebody's answers
  });
  bar.querySelector("a").addEventListener("click", (event) => {
    event.preventDefault();
    left = true;
    reset();
    token = null;
    start.remove();
    bar.remove();
    open(byId("left"));
  });
}

begin();
