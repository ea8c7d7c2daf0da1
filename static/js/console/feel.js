// What makes the console quicker to use, and what it does without: lists that
// are filtered and put in order, text that is copied, forms that say that they
// are working. Words come from the page.

// A table with data-list is filtered by what stands in its rows, and put in
// order by the columns whose heads have data-sort: "name" or "date", the second
// time the other way, the third time as it came. Figures have no such heads:
// units are never put in order by a score.
const fewest = 8; // rows above which a filter helps

function list(table) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const words = document.body.dataset;
  for (const head of table.querySelectorAll("th[data-sort]")) sortable(head, body, rows);
  if (rows.length <= fewest) return;
  const label = document.createElement("label");
  const field = document.createElement("input");
  const said = document.createElement("p");
  field.type = "search";
  label.className = "filter";
  label.append(words.filter, field);
  said.className = "note";
  said.setAttribute("role", "status");
  (table.closest(".scroll") ?? table).before(label, said);
  field.addEventListener("input", () => {
    const wanted = plain(field.value);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !plain(row.textContent).includes(wanted);
      if (!row.hidden) shown += 1;
    }
    said.textContent = wanted ? words.filtered.replace("{shown}", shown).replace("{all}", rows.length) : "";
  });
}

// Letters without accents, as people type them.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

function sortable(head, body, rows) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "sort";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const was = head.getAttribute("aria-sort");
    for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
    if (was === "descending") return body.append(...rows); // as the page came
    const down = was === "ascending";
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const at = head.cellIndex;
    const key = (row) => row.cells[at].dataset.key ?? row.cells[at].textContent.trim();
    const order = head.dataset.sort === "date" ? (a, b) => (a < b ? -1 : a > b ? 1 : 0) : new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
    const sorted = rows.slice().sort((a, b) => order(key(a), key(b)));
    return body.append(...(down ? sorted.reverse() : sorted));
  });
}

for (const table of document.querySelectorAll("table[data-list]")) list(table);

// "/" leads to the filter of the page, unless somebody is writing.
const writes = new Set(["INPUT", "TEXTAREA", "SELECT"]);
addEventListener("keydown", (e) => {
  const field = document.querySelector("input[type=search]");
  if (e.key !== "/" || !field || e.ctrlKey || e.metaKey || e.altKey || writes.has(e.target.nodeName)) return;
  e.preventDefault();
  field.focus();
});

// Copy, print and mail what is written now, not what the page came with.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const said = document.getElementById("copied");
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    said.textContent = said.dataset.said;
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
for (const mail of document.querySelectorAll("a[data-mail]")) {
  const text = document.getElementById(mail.dataset.mail);
  text.addEventListener("input", () => {
    const to = new URL(mail.href);
    const body = encodeURIComponent(text.value).replaceAll("%0A", "%0D%0A");
    mail.href = to.href.replace(/body=[^&]*/, () => "body=" + body);
  });
}

// A form that was sent says so and cannot be sent twice. A page that comes
// back from the browser's memory can be used again.
const working = document.createElement("p");
working.className = "unseen";
working.setAttribute("role", "status");
document.body.append(working);
addEventListener("submit", (e) => {
  if (e.defaultPrevented || e.target.method !== "post") return;
  setTimeout(() => { // after the button's own name and value have gone along
    for (const button of e.target.querySelectorAll("button")) button.disabled = true;
    working.textContent = document.body.dataset.working;
  });
});
addEventListener("pageshow", (e) => {
  if (!e.persisted) return;
  for (const button of document.querySelectorAll("button:disabled")) button.disabled = false;
  working.textContent = "";
});
