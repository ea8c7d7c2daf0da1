// Keeps the two fields of a colour together and shows it at once: the server
// makes the samples' style sheet, shades and all. What the words say about the
// colour that was there before goes; “Preview” says it anew.

const form = document.querySelector("[data-accent]");
const text = form?.elements.accent;
const picked = form?.elements.picked;
const samples = document.querySelector("#samples");
const pause = 150; // milliseconds without a change, before samples are asked for

let waiting;

function show(colour) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `/console/branding/sample/${colour.slice(1)}` });
    sheet.dataset.sample = "";
    const before = document.querySelectorAll("link[data-sample]");
    sheet.addEventListener("load", () => before.forEach((link) => link.remove()));
    document.head.append(sheet);
    samples.hidden = false;
    samples.querySelector("[data-of-colour]")?.remove();
  }, pause);
}

picked?.addEventListener("input", () => {
  text.value = picked.value;
  show(picked.value);
});

text?.addEventListener("input", () => {
  const digits = text.value.trim().replace(/^#/, "").toLowerCase();
  if (!/^[0-9a-f]{6}$/.test(digits)) return;
  picked.value = `#${digits}`;
  show(picked.value);
});
