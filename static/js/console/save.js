// Takes charts and tables along: as a picture for slides, or as a CSV file of
// the same cells. Everything is made here from what the page shows; nothing is
// fetched.

const scale = 2; // dots a pixel: sharp on paper
const margin = 24;

const background = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const { backgroundColor } = getComputedStyle(e);
    if (!/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor)) return backgroundColor;
  }
  return "Canvas";
};

function download(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// named is a file's name: the unit, and what the part is.
const named = (section, ending) =>
  [document.querySelector("h1").textContent, section.id].join(" ").trim().toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") + ending;

/** The rows of a table as people see them, a merged cell once. */
export const rowsOf = (table) =>
  [...table.rows].map((row) => [...row.cells].map((cell) => cell.innerText.replace(/\s+/g, " ").trim()));

/** Rows as CSV; a cell that a spreadsheet would run gets an apostrophe. */
export function csv(rows) {
  const cell = (text) => {
    const safe = /^[=+@\t\r]|^-(?![\d.,\s]*$)/.test(text) ? "'" + text : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => row.map(cell).join(",") + "\r\n").join("");
}

// wrap breaks a text into lines of a width.
function wrap(pen, text, width) {
  const lines = [];
  for (const word of text.split(/\s+/)) {
    const line = lines.length ? lines[lines.length - 1] + " " + word : word;
    if (lines.length && pen.measureText(line).width <= width) lines[lines.length - 1] = line;
    else lines.push(word);
  }
  return lines;
}

async function pictureOf(svg) {
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
  await image.decode();
  return image;
}

// drawTable draws what a table shows, cell by cell, where it stands.
function drawTable(pen, table, left, top) {
  const from = table.getBoundingClientRect();
  for (const cell of table.querySelectorAll("th,td")) {
    const box = cell.getBoundingClientRect();
    const at = { x: left + box.x - from.x, y: top + box.y - from.y };
    const style = getComputedStyle(cell);
    pen.fillStyle = style.backgroundColor;
    pen.fillRect(at.x, at.y, box.width, box.height);
    if (cell.classList.contains("hidden-figure")) hatch(pen, at, box, style.color);
    pen.strokeStyle = style.borderBottomColor;
    pen.strokeRect(at.x, at.y, box.width, box.height);
  }
  const walker = document.createTreeWalker(table, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) drawText(pen, node, from, left, top);
}

// drawText draws a text where the page has it, line by line.
function drawText(pen, node, from, left, top) {
  const style = getComputedStyle(node.parentElement);
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  pen.fillStyle = style.color;
  pen.textBaseline = "middle";
  const range = document.createRange();
  const words = [...node.data.matchAll(/\S+/g)];
  for (const word of words) {
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    const box = range.getBoundingClientRect();
    if (box.width > 1) pen.fillText(word[0], left + box.x - from.x, top + box.y - from.y + box.height / 2);
  }
}

function hatch(pen, at, box, color) {
  pen.save();
  pen.beginPath();
  pen.rect(at.x, at.y, box.width, box.height);
  pen.clip();
  pen.globalAlpha = 0.25;
  pen.strokeStyle = color;
  for (let x = -box.height; x < box.width; x += 8) {
    pen.beginPath();
    pen.moveTo(at.x + x, at.y + box.height);
    pen.lineTo(at.x + x + box.height, at.y);
    pen.stroke();
  }
  pen.restore();
}

// picture draws a part of the page: its unit, its heading, and the chart or
// the table under it.
async function picture(section, chart, table) {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const body = getComputedStyle(document.body);
  const source = chart ? chart.place : table;
  const { width, height } = source.getBoundingClientRect();
  const room = Math.max(width, 480);
  const heading = `650 20px ${body.fontFamily}`;
  const small = `15px ${body.fontFamily}`;
  pen.font = heading;
  const title = wrap(pen, section.querySelector("h2").innerText, room);
  const top = margin + 22 + title.length * 27 + 12;
  canvas.width = (room + 2 * margin) * scale;
  canvas.height = (top + height + margin) * scale;
  pen.scale(scale, scale);
  pen.fillStyle = background(section);
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = body.color;
  pen.textBaseline = "top";
  pen.font = small;
  pen.fillText(document.querySelector("h1").innerText, margin, margin);
  pen.font = heading;
  title.forEach((line, i) => pen.fillText(line, margin, margin + 24 + i * 27));
  if (chart) pen.drawImage(await pictureOf(chart.svg()), margin, top, width, height);
  else drawTable(pen, table, margin, top);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/**
 * Puts the two buttons under a part of the page.
 *
 * @param chart {place, svg}, or null where the table is the chart
 */
export function offerToSave(section, chart, words) {
  const table = section.querySelector("table");
  const line = document.createElement("p");
  line.className = "save";
  const add = (label, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = label;
    button.addEventListener("click", act);
    line.append(button);
  };
  add(words.picture, async () => download(named(section, ".png"), await picture(section, chart, table)));
  add(words.file, () => download(named(section, ".csv"), new Blob(["\ufeff" + csv(rowsIn(section, table))], { type: "text/csv" })));
  section.append(line);
}

// rowsIn reads a table also where it is folded away.
function rowsIn(section, table) {
  const closed = [...section.querySelectorAll("details:not([open])")].filter((d) => d.contains(table));
  closed.forEach((d) => { d.open = true; });
  const rows = rowsOf(table);
  closed.forEach((d) => { d.open = false; });
  return rows;
}
