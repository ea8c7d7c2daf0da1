// Texts with placeholders, and elements made of them. Everything goes in as
// text, never as markup.

/** Fills "{name}" from args. */
export function fill(text, args) {
  return text.replace(/\{([a-z_0-9]+)\}/g, (whole, name) => (name in args ? String(args[name]) : whole));
}

/** A number with one decimal place at most, as the page's language writes it. */
export function decimal(value) {
  return value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
}

/** An element with a class and a text. */
export function make(name, className, text) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** A button that sends nothing. */
export function button(className, text, act) {
  const element = make("button", className, text);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Shows what is there for a page with script, and hides what is there without. */
export function scripted() {
  document.documentElement.classList.add("scripted");
  for (const part of document.querySelectorAll(".plainly")) part.hidden = true;
  for (const part of document.querySelectorAll(".scripted[hidden]")) part.hidden = false;
}

/** Shows a part of the page with the focus on its heading. */
export function open(part) {
  part.hidden = false;
  scrollTo(0, 0);
  part.querySelector("h1").focus({ preventScroll: true });
}
