// One screen at a time. The phone's own way back goes one screen back, so
// that a swipe does not lose the answers.
import { button, fill, make } from "./words.js";

/** A tap moves on after the fade; within this time a click belongs to a tap, in ms. */
const tap = 1000;
const fade = 120;

/**
 * Turns the one long page into screens: intro, one a question, check. Without
 * start the intro has buttons of its own; without entries the browser's
 * history gets none, so that nobody can go back to a screen.
 */
export class Screens {
  constructor(panels, bar, text, { start = true, entries = true } = {}) {
    this.panels = panels;
    this.text = text;
    this.hasStart = start;
    this.entries = entries;
    this.last = panels.length - 1;
    this.at = 0;
    this.ended = false;
    this.toCheck = false; // the question was opened from the last screen
    this.tapped = -Infinity;

    this.back = button("button quiet", text.back, () => this.goBack());
    this.next = button("button", text.skip, () => this.goOn());
    bar.prepend(this.back, this.next);
    this.progress = make("p", "progress");
    this.track = make("div", "track");
    this.track.append(make("div", "done"));
    this.track.setAttribute("aria-hidden", "true"); // the words beside it say the same
    document.querySelector(".top").append(this.progress, this.track);
    this.clear = button("button link", text.clear, () => this.clearAnswer());

    // On a screen of its own a question is what the page is about.
    for (const panel of panels.slice(1)) {
      const heading = panel.querySelector(".ask, .big");
      heading.setAttribute("role", "heading");
      heading.setAttribute("aria-level", "1");
    }

    panels.slice(1, -1).forEach((panel) => this.listen(panel));
    addEventListener("popstate", (event) => {
      if (!this.ended && event.state) this.show(Math.min(event.state.screen, this.last));
    });
  }

  listen(panel) {
    panel.addEventListener("pointerup", (event) => {
      this.tapped = event.timeStamp;
    });
    panel.addEventListener("keydown", (event) => {
      this.tapped = -Infinity;
      if (event.key === "Enter" && event.target.type === "radio") {
        event.preventDefault(); // Enter in a form means send
        this.goOn();
      }
    });
    panel.addEventListener("click", (event) => {
      if (event.target.type !== "radio") return;
      this.update();
      const from = this.at;
      if (event.timeStamp - this.tapped < tap) {
        setTimeout(() => { if (this.at === from && !this.ended) this.goOn(); }, fade);
      }
      this.tapped = -Infinity;
    });
  }

  start(screen, focus = false) {
    document.documentElement.classList.remove("over");
    if (this.entries) history.replaceState({ screen, depth: 0 }, "");
    this.show(screen, focus);
  }

  /** Makes an entry that the address made (a code scanned again) one of ours. */
  stay() {
    if (this.entries && !history.state) history.replaceState({ screen: this.at, depth: 1 }, "");
  }

  goTo(screen) {
    const depth = history.state ? history.state.depth : 0;
    if (this.entries) history.pushState({ screen, depth: depth + 1 }, "");
    this.show(screen);
  }

  goOn() {
    const target = this.toCheck ? this.last : Math.min(this.at + 1, this.last);
    this.toCheck = false;
    this.goTo(target);
  }

  goBack() {
    if (this.entries && history.state && history.state.depth > 0) {
      history.back();
      return;
    }
    const screen = this.toCheck ? this.last : Math.max(this.at - 1, 0);
    if (this.entries) history.replaceState({ screen, depth: 0 }, "");
    this.show(screen);
  }

  /** Opens a question from the last screen and comes back to it afterwards. */
  visit(screen) {
    this.goTo(screen);
    this.toCheck = true;
  }

  show(screen, focus = true) {
    this.at = screen;
    if (screen === 0 || screen === this.last) this.toCheck = false;
    this.panels.forEach((panel, i) => { panel.hidden = i !== screen; });
    document.documentElement.classList.toggle("asking", screen > 0);
    this.update();
    dispatchEvent(new CustomEvent("screen", { detail: { screen, last: this.last } }));
    if (!focus) return;
    scrollTo(0, 0);
    this.panels[screen].querySelector("[tabindex='-1']").focus({ preventScroll: true });
  }

  /** Brings bar and progress in line with the screen and its answer. */
  update() {
    const asked = this.last - 1;
    const asking = this.at > 0 && this.at < this.last;
    const answered = asking && this.answer() !== null;
    this.back.hidden = this.at === 0;
    this.next.hidden = this.at === this.last || (this.at === 0 && !this.hasStart);
    this.next.textContent = this.at === 0 ? this.text.start : answered ? this.text.next : this.text.skip;
    this.next.classList.toggle("primary", this.at === 0 || answered);
    this.next.classList.toggle("quiet", asking && !answered);
    this.progress.hidden = this.track.hidden = !asking;
    this.progress.textContent = fill(this.text.progress, { n: this.at, count: asked });
    this.track.firstChild.style.width = (100 * this.at) / asked + "%";
    if (answered) this.panels[this.at].append(this.clear);
    else this.clear.remove();
  }

  answer() {
    return this.panels[this.at].querySelector("input:checked");
  }

  clearAnswer() {
    const chosen = this.answer();
    if (chosen) chosen.checked = false;
    this.update();
    this.panels[this.at].querySelector("[tabindex='-1']").focus();
  }

  /** Takes the screens away for good. */
  end() {
    this.ended = true;
    for (const part of [this.back, this.next, this.progress, this.track]) part.remove();
    document.documentElement.classList.add("over");
  }
}
