// The answer page with script: one question a screen, a private result, and
// "Leave" that wipes at once. Without it the same page is one long form.
// Nothing is stored on the phone.
import { carryCode, takeCode } from "./code.js";
import { showResult } from "./result.js";
import { Screens } from "./screens.js";
import { send } from "./send.js";
import { button, fill, make } from "./words.js";

const byId = (id) => document.getElementById(id);

function answerPage(form, code) {
  const wave = JSON.parse(byId("wave").textContent);
  const questions = [...form.querySelectorAll("fieldset.q")];
  const check = byId("check");
  const codebox = byId("codebox");
  const submit = check.querySelector("[type=submit]");
  const bar = document.querySelector(".bar");
  const url = form.getAttribute("action");

  document.documentElement.classList.add("scripted");
  for (const part of document.querySelectorAll(".plainly")) part.hidden = true;
  for (const part of document.querySelectorAll(".scripted[hidden]")) part.hidden = false;
  byId("codeplace").replaceWith(codebox);
  codebox.hidden = code.type === "hidden" || takeCode(code);
  carryCode(code);

  const screens = new Screens([byId("intro"), ...questions, check], bar, wave.text);
  const count = make("p");
  const skipped = make("div", "skipped");
  check.querySelector("h2").after(count);
  submit.parentNode.after(skipped);
  addEventListener("screen", (event) => {
    if (event.detail.screen !== event.detail.last) return;
    const left = questions.filter((q) => !q.querySelector("input:checked"));
    count.textContent = fill(wave.text.answered, { answered: questions.length - left.length, count: questions.length });
    skipped.replaceChildren();
    if (left.length === 0) return;
    skipped.append(make("p", "hint", wave.text.skipped));
    for (const q of left) {
      const number = questions.indexOf(q) + 1;
      const item = button("button link row", number + ". " + q.querySelector(".ask").textContent, () => screens.visit(number));
      skipped.append(item);
    }
  });

  addEventListener("hashchange", () => {
    if (takeCode(code)) codebox.hidden = true;
    screens.stay();
  });

  const problem = byId("problem"); // the server's, when the form was posted without script
  if (problem) check.prepend(problem);
  screens.start(problem ? screens.last : 0);
  if (problem) problem.addEventListener("click", (event) => {
    if (!event.target.hash) return;
    event.preventDefault();
    const wrong = questions.findIndex((q) => "#" + q.id === event.target.hash);
    if (wrong >= 0) screens.visit(wrong + 1);
    else code.focus();
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (screens.at !== screens.last) screens.goOn();
    else sendAnswers();
  });

  let sending = false;
  async function sendAnswers() {
    if (sending) return;
    sending = true;
    submit.textContent = wave.text.sending;
    submit.setAttribute("aria-disabled", "true");
    const fields = new URLSearchParams(new FormData(form));
    const answer = await send(url, fields);
    sending = false;
    submit.removeAttribute("aria-disabled");
    if (screens.ended) return; // left in the meantime
    if (answer.body && answer.body.received) {
      received(answer.body, fields);
      return;
    }
    submit.textContent = answer.failed ? wave.text.retry : wave.text.send;
    say(answer.failed ? wave.text.not_sent : answer.message, answer.field);
  }

  // say shows what is wrong on top of the last screen and moves there.
  function say(message, field) {
    const old = byId("problem");
    if (old) old.remove();
    const box = make("div", "problem");
    box.id = "problem";
    box.tabIndex = -1;
    box.setAttribute("role", "alert");
    const line = make("p", "", field === "code" ? "" : message);
    if (field === "code" && code.type !== "hidden") {
      codebox.hidden = false;
      code.setAttribute("aria-invalid", "true");
      const link = make("a", "", message);
      link.href = "#code";
      link.addEventListener("click", (event) => {
        event.preventDefault();
        code.focus();
      });
      line.append(link);
    } else {
      line.textContent = message;
    }
    box.append(make("h2", "", wave.text.problem), line);
    check.prepend(box);
    scrollTo(0, 0);
    box.focus({ preventScroll: true });
  }

  function received(body, fields) {
    const slip = fields.get("code");
    const answers = {};
    for (const [name, value] of fields) if (name !== "code") answers[name] = Number(value);
    end();
    byId("group").textContent = fill(wave.text.received_group, { teams: body.teams.join("; "), people: body.headcount });
    byId("replaced").hidden = !body.replaced;
    showResult(byId("result"), wave, answers);
    byId("withdraw").addEventListener("click", () => withdraw(slip));
    open(byId("done"));
  }

  async function withdraw(slip) {
    const said = byId("withdraw-said");
    const answer = await send(url.replace("/p", "/p/withdraw"), new URLSearchParams({ code: slip }));
    if (!said.isConnected) return;
    if (answer.body) byId("withdraw").hidden = true;
    said.textContent = answer.body ? wave.text.withdrawn : answer.message || wave.text.withdraw_failed;
  }

  // end wipes the answers and the code from the screen and from the form.
  function end() {
    screens.end();
    for (const input of form.querySelectorAll("input")) {
      input.checked = false;
      input.value = "";
    }
    form.remove();
  }

  function open(part) {
    part.hidden = false;
    scrollTo(0, 0);
    part.querySelector("h1").focus({ preventScroll: true });
  }

  bar.querySelector("a").addEventListener("click", (event) => {
    event.preventDefault();
    end();
    byId("done").remove();
    bar.remove();
    open(byId("left"));
  });
}

const code = byId("code");
const form = byId("answer");
if (form) answerPage(form, code);
else if (code) {
  takeCode(code);
  carryCode(code);
}
