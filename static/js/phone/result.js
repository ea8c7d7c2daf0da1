// The private result: worked out here, shown here, kept nowhere.
import { range, score, third } from "./scoring.js";
import { decimal, fill, make } from "./words.js";

/** Shows one card a scale: the words first, then the number with its error. */
export function showResult(place, wave, text, answers) {
  for (const scale of wave.scales) {
    const card = make("section", "scale");
    card.append(make("h3", "", scale.title), make("p", "", scale.plain));
    const value = score(scale, answers);
    if (value === null) {
      card.append(make("p", "hint", fill(text.result_few, { least: scale.min_answered, items: scale.items.length })));
    } else {
      card.append(...measured(scale, value, text));
    }
    place.append(card);
  }
  for (const words of wave.disclaimer) place.append(make("p", "hint", words));
}

/** Lists somebody's own answers, where the page has a place to print them from. */
export function listAnswers(place, questions) {
  if (!place) return;
  addEventListener("beforeprint", () => { // where a browser cannot do it by itself, paper shows whole notes
    for (const note of document.querySelectorAll("textarea.own")) note.style.height = note.scrollHeight + "px";
  });
  for (const q of questions) {
    const chosen = q.querySelector("input:checked");
    if (!chosen) continue;
    const line = make("li", "", q.querySelector(".ask").textContent + " ");
    line.append(make("b", "", chosen.parentNode.textContent));
    place.append(line);
    place.parentNode.hidden = false;
  }
}

function measured(scale, value, text) {
  const { low, high } = range(scale);
  const from = Math.max(low, value - scale.error);
  const to = Math.min(high, value + scale.error);
  const number = make("p", "value", fill(text.result_value, { value: decimal(value), low: decimal(low), high: decimal(high) }));
  const line = make("div", "range");
  line.setAttribute("aria-hidden", "true"); // the sentences around it say the same
  const span = make("div", "give");
  const mark = make("div", "mark");
  const share = (x) => (100 * (x - low)) / (high - low) + "%";
  span.style.left = share(from);
  span.style.right = (100 * (high - to)) / (high - low) + "%";
  mark.style.left = share(value);
  line.append(span, mark);
  const error = fill(text.result_error, { error: decimal(scale.error), from: decimal(from), to: decimal(to) });
  return [make("p", "words-first", scale[third(scale, value)]), number, line, make("p", "hint", error)];
}
