// A form shown one question a screen, with the last screen that says what was
// left out and sends. What sending means is for the caller to say.
import { Screens } from "./screens.js";
import { button, fill, make } from "./words.js";

export class Asking {
  /**
   * @param first the screen before the first question
   * @param check the screen that sends
   * @param send called when the answers are to be sent; not again before it ends
   */
  constructor(form, first, check, bar, text, options, send) {
    this.form = form;
    this.check = check;
    this.text = text;
    this.questions = [...form.querySelectorAll("fieldset.q")];
    this.submit = check.querySelector("[type=submit]");
    this.screens = new Screens([first, ...this.questions, check], bar, text, options);
    this.count = make("p");
    this.skipped = make("div", "skipped");
    check.querySelector("h2").after(this.count);
    this.submit.parentNode.after(this.skipped);
    addEventListener("screen", (event) => {
      if (!this.screens.ended && event.detail.screen === event.detail.last) this.sumUp();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.screens.at !== this.screens.last) this.screens.goOn();
      else this.once(send);
    });
  }

  // sumUp says on the last screen how much is answered and what was skipped.
  sumUp() {
    const left = this.questions.filter((q) => !q.querySelector("input:checked"));
    this.count.textContent = fill(this.text.answered, { answered: this.questions.length - left.length, count: this.questions.length });
    this.skipped.replaceChildren();
    if (left.length === 0) return;
    this.skipped.append(make("p", "hint", this.text.skipped));
    for (const q of left) {
      const number = this.questions.indexOf(q) + 1;
      const label = number + ". " + q.querySelector(".ask").textContent;
      this.skipped.append(button("button link row", label, () => this.screens.visit(number)));
    }
  }

  async once(send) {
    if (this.sending) return;
    this.sending = true;
    this.submit.textContent = this.text.sending;
    this.submit.setAttribute("aria-disabled", "true");
    this.submit.textContent = (await send()) || this.text.send;
    this.sending = false;
    this.submit.removeAttribute("aria-disabled");
  }

  /** The chosen values by item id; a skipped item is absent. */
  answers() {
    const answers = {};
    for (const q of this.questions) {
      const chosen = q.querySelector("input:checked");
      if (chosen) answers[chosen.name] = Number(chosen.value);
    }
    return answers;
  }

  /** Shows what is wrong, an element or a text, on top of the last screen. */
  say(what) {
    const old = this.check.querySelector(".problem");
    if (old) old.remove();
    const box = make("div", "problem");
    box.id = "problem";
    box.tabIndex = -1;
    box.setAttribute("role", "alert");
    const line = make("p");
    line.append(what);
    box.append(make("h2", "", this.text.problem), line);
    this.check.prepend(box);
    scrollTo(0, 0);
    box.focus({ preventScroll: true });
  }

  /** Wipes the answers from the screen and from the form. */
  end() {
    this.screens.end();
    for (const input of this.form.querySelectorAll("input")) {
      input.checked = false;
      input.value = "";
    }
    this.form.remove();
  }
}
