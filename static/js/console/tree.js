// Moves units of the organisation by drag, with a pointer or a finger. A drop
// changes nothing: it opens the page that says what the move would do. Without
// a pointer the handle leads to the unit's page, where a list does the same.

const tree = document.querySelector("[data-tree]");
const said = document.querySelector("[data-tree-said]");
const start = 6; // pixels that a pointer goes before a press is a drag
const edge = 60; // pixels from the rim of the window in which a drag scrolls

let drag = null;

const rowAt = (x, y) => document.elementFromPoint(x, y)?.closest("[data-unit]") ?? null;

// A unit can lie under any other but itself and what lies under it.
const takes = (row) => row && !drag.item.contains(row) && row !== drag.item.parentElement.closest("li")?.querySelector("[data-unit]");

function over(row) {
  drag.target?.classList.remove("target");
  drag.target = takes(row) ? row : null;
  drag.target?.classList.add("target");
}

function scrolling() {
  if (!drag?.moving) return;
  if (drag.y < edge) scrollBy(0, -8);
  if (drag.y > innerHeight - edge) scrollBy(0, 8);
  over(rowAt(drag.x, drag.y));
  requestAnimationFrame(scrolling);
}

function end() {
  drag?.target?.classList.remove("target");
  drag?.item.classList.remove("dragged");
  drag = null;
}

for (const handle of tree?.querySelectorAll(".handle") ?? []) {
  const row = handle.closest("[data-unit]");
  handle.hidden = false;
  handle.addEventListener("pointerdown", (e) => {
    if (e.button !== 0) return;
    handle.setPointerCapture(e.pointerId);
    drag = { item: row.closest("li"), from: [e.clientX, e.clientY], x: e.clientX, y: e.clientY, moving: false, target: null };
  });
  handle.addEventListener("pointermove", (e) => {
    if (!drag) return;
    [drag.x, drag.y] = [e.clientX, e.clientY];
    if (!drag.moving && Math.hypot(drag.x - drag.from[0], drag.y - drag.from[1]) > start) {
      drag.moving = true;
      drag.item.classList.add("dragged");
      requestAnimationFrame(scrolling);
    }
  });
  handle.addEventListener("pointerup", () => {
    const { moving, target } = drag ?? {};
    end();
    if (!moving) return;
    handle.dataset.dragged = "1"; // the click that follows is none
    if (target) location.assign(`${row.dataset.path}/change?do=move&to=${encodeURIComponent(target.dataset.unit)}`);
    else said.textContent = said.dataset.treeSaid;
  });
  handle.addEventListener("pointercancel", end);
  handle.addEventListener("click", () => {
    if (handle.dataset.dragged) delete handle.dataset.dragged;
    else location.assign(`${row.dataset.path}#move`);
  });
}
addEventListener("keydown", (e) => {
  if (e.key === "Escape" && drag) end();
});
