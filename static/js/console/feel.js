// What makes the console quicker to use, and what it does without: lists that
// are filtered and put in order, text that is copied, forms that say that they
// are working. Words come from the page.

// A list with data-list, a table or not, is filtered by what stands in its rows
// and put in order by the links of the same name: by a name or a date, the
// second time the other way, the third time as it came. Figures have no such
// links: units are never put in order by a score. The address says the order,
// and the server knows it too; parts of a longer list are left to the server.
const fewest = 8; // rows above which a filter helps

const rowsOf = (list) => [...(list.tBodies?.[0] ?? list).children];

// Letters without accents, as people type them.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

function filter(list) {
  const rows = rowsOf(list);
  const words = document.body.dataset;
  const label = document.createElement("label");
  const field = document.createElement("input");
  const said = document.createElement("p");
  field.type = "search";
  label.className = "filter";
  label.append(words.filter, field);
  said.className = "note";
  said.setAttribute("role", "status");
  (list.closest(".scroll") ?? list).before(label, said);
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

function sorting(name) {
  const lists = [...document.querySelectorAll(`[data-list="${name}"]`)];
  const links = [...document.querySelectorAll(`a.sort[data-of="${name}"]`)];
  if (lists.some((list) => "parts" in list.dataset)) return;
  const came = lists.map(rowsOf);
  const byServer = links.some((link) => link.dataset.order);
  const names = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const dates = { compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0) };

  // The cell that a list is put in order by: of a table the link's column.
  const cellOf = (row, link) => row.cells ? row.cells[link.closest("th").cellIndex] : row.querySelector(`[data-by="${link.dataset.by}"]`);
  const keyOf = (row, link) => {
    const cell = cellOf(row, link);
    return cell?.dataset.key ?? cell?.textContent.trim() ?? "";
  };
  const address = (link, order) => {
    const to = new URL(link.href);
    to.searchParams.delete("sort");
    if (order) to.searchParams.set("sort", `${order === "descending" ? "-" : ""}${name}.${link.dataset.by}`);
    return to;
  };
  const next = (order) => ({ ascending: "descending", descending: "" })[order ?? ""] ?? "ascending";
  const mark = (link, order) => {
    const head = link.closest("th");
    if (order) {
      link.dataset.order = order;
      link.setAttribute("aria-current", "true");
      head?.setAttribute("aria-sort", order);
    } else {
      delete link.dataset.order;
      link.removeAttribute("aria-current");
      head?.removeAttribute("aria-sort");
    }
    link.href = address(link, next(order));
  };

  for (const link of links) {
    link.addEventListener("click", (e) => {
      const order = next(link.dataset.order);
      if (e.ctrlKey || e.metaKey || e.shiftKey || (!order && byServer)) return; // the server knows how it came
      e.preventDefault();
      for (const other of links) mark(other, other.dataset.by === link.dataset.by ? order : "");
      const { compare } = link.dataset.sort === "date" ? dates : names;
      lists.forEach((list, i) => {
        const sorted = order ? came[i].slice().sort((a, b) => compare(keyOf(a, link), keyOf(b, link))) : came[i];
        (list.tBodies?.[0] ?? list).append(...(order === "descending" ? sorted.slice().reverse() : sorted));
      });
      const to = address(link, order);
      to.hash = "";
      history.replaceState(null, "", to);
    });
  }
}

for (const list of document.querySelectorAll("[data-list]")) {
  const named = document.querySelector(`a.sort[data-of="${list.dataset.list}"][data-sort="name"]`);
  const alone = document.querySelectorAll(`[data-list="${list.dataset.list}"]`).length === 1;
  if (named && alone && rowsOf(list).length > fewest && !("parts" in list.dataset)) filter(list);
}
for (const name of new Set([...document.querySelectorAll("[data-list]")].map((list) => list.dataset.list))) sorting(name);

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
