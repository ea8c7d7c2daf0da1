// The page for slips with script: one question a screen, a private result, and
// "Leave" that wipes at once. Without it the same page is one long form.
// Nothing is stored on the phone.
import { Asking } from "./asking.js";
import { carryCode, takeCode } from "./code.js";
import { showHelp } from "./help.js";
import { listAnswers, showResult } from "./result.js";
import { nameGroup } from "./seen.js";
import { send } from "./send.js";
import { byId, fill, make, open, scripted } from "./words.js";

/**
 * @param {Function} [watch] on a shared tablet: given the page's texts and what
 *        takes the answers away, it gives back what wipes everything
 */
export function answerPage(form, code, watch) {
  const wave = JSON.parse(byId("wave").textContent);
  const codebox = byId("codebox");
  const bar = document.querySelector(".bar");
  const seen = form.querySelector(".seen");
  const url = form.getAttribute("action");

  scripted();
  byId("codeplace").replaceWith(codebox);
  codebox.hidden = code.type === "hidden" || takeCode(code);
  carryCode(code);

  const asking = new Asking(form, byId("intro"), byId("check"), bar, wave.text, { entries: !watch }, sendAnswers);
  const { screens } = asking;

  addEventListener("hashchange", () => {
    if (takeCode(code)) codebox.hidden = true;
    screens.stay();
  });

  const problem = byId("problem"); // the server's, when the form was posted without script
  if (problem) asking.check.prepend(problem);
  screens.start(problem ? screens.last : 0);
  if (problem) problem.addEventListener("click", (event) => {
    if (!event.target.hash) return;
    event.preventDefault();
    const wrong = asking.questions.findIndex((q) => "#" + q.id === event.target.hash);
    if (wrong >= 0) screens.visit(wrong + 1);
    else code.focus();
  });

  async function sendAnswers() {
    const answers = asking.answers();
    const slip = code.value;
    const answer = await send(url, new URLSearchParams({ ...answers, code: slip }));
    if (screens.ended) return ""; // left in the meantime
    if (answer.body && answer.body.received) {
      received(answer.body, answers, slip);
      return "";
    }
    asking.say(answer.failed ? wave.text.not_sent : complaint(answer));
    return answer.failed ? wave.text.retry : "";
  }

  // complaint leads to the code where that is what is wrong.
  function complaint(answer) {
    if (answer.field !== "code" || code.type === "hidden") return answer.message;
    codebox.hidden = false;
    code.setAttribute("aria-invalid", "true");
    const link = make("a", "", answer.message);
    link.href = "#code";
    link.addEventListener("click", (event) => {
      event.preventDefault();
      code.focus();
    });
    return link;
  }

  function received(body, answers, slip) {
    listAnswers(document.querySelector(".mine"), asking.questions);
    asking.end();
    byId("group").textContent = fill(wave.text.received_group, { teams: body.teams.join("; "), people: body.headcount });
    byId("replaced").hidden = !body.replaced;
    nameGroup(seen, wave.text, { teams: body.teams, people: body.headcount });
    byId("seen").append(seen);
    showHelp(byId("received"), body.help);
    showResult(byId("result"), wave, wave.text, answers);
    if (wipe) byId("finish").addEventListener("click", () => wipe());
    else byId("withdraw").addEventListener("click", () => withdraw(slip));
    open(byId("done"));
  }

  async function withdraw(slip) {
    const said = byId("withdraw-said");
    const answer = await send(url.replace("/p", "/p/withdraw"), new URLSearchParams({ code: slip }));
    if (!said.isConnected) return;
    if (answer.body) byId("withdraw").hidden = true;
    said.textContent = answer.body ? wave.text.withdrawn : answer.message || wave.text.withdraw_failed;
  }

  const wipe = watch && watch(wave.text, () => asking.end());

  bar.querySelector("a").addEventListener("click", (event) => {
    event.preventDefault();
    if (wipe) {
      wipe();
      return;
    }
    asking.end();
    byId("done").remove();
    bar.remove();
    open(byId("left"));
  });
}
