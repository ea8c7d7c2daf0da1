// Paints charts of rows and columns: the signs of a unit and the map of all
// units. The server made the points; here they get the colours of the style
// sheet and the room that there is.

import { fontOf, hatched, hatching, lineHeight as line, measured, narrow, part, style, text, tooltip, wrapped } from "./paint.js";

// In pixels. On a phone the strip has its names above the rows.
const layouts = {
  strip: { row: 62, column: 54, names: 180, above: true },
  heat: { row: 34, column: 46, names: 190, above: false },
};
const narrowNames = 106;
const head = 48; // for the names of waves
const nameLine = 22; // of a name above its row
const wordSize = 12.5; // of the text in a cell

/**
 * How a grid lies in a width: as many of the latest columns as go into it.
 *
 * @param word how wide the longest word of the cells is: none is broken
 * @param lines how many lines the longest name needs
 * @param tight rows with as little room as can be, for paper
 */
export function gridLayout(kind, width, columns, rows, word = 0, lines = 1, tight = false) {
  const l = layouts[kind];
  const above = width < narrow && l.above;
  const names = above ? 0 : width < narrow ? narrowNames : l.names;
  const shown = Math.max(1, Math.min(columns, Math.floor((width - names - 4) / Math.max(l.column, word + 6))));
  const row = above ? l.row + nameLine : Math.max(tight && kind === "heat" ? line + 5 : l.row, lines * line + (tight ? 3 : 8));
  return { above, names, shown, row, column: (width - names - 4) / shown, height: head + rows * row + 12 };
}

// mixed is color-mix of the style sheet, which svg attributes cannot say.
function mixed(of, share, into) {
  const [a, b] = [of, into].map((hex) => {
    const full = hex.length === 4 ? [...hex.slice(1)].map((c) => c + c).join("") : hex.slice(1);
    return [0, 2, 4].map((i) => parseInt(full.slice(i, i + 2), 16));
  });
  return `rgb(${a.map((v, i) => Math.round(v * share + b[i] * (1 - share))).join(",")})`;
}

const shades = { "shade-1": 0.03, "shade-2": 0.13, "shade-3": 0.26, "shade-4": 0.42 };
const states = {
  not_seen: () => style("--ink-soft"),
  cleared: () => style("--ink-soft"),
  cannot_say: () => style("--ink-soft"),
  emerging: () => style("--attention"),
  present: () => style("--worse"),
};

/** The option for a place of a width, and the height that it needs. On paper
 * rows are tight, so that more of them stand on one page. */
export function paintedGrid(chart, width, paper = false) {
  const { option, grid } = chart;
  const waves = option.xAxis[0].data;
  const rows = option.yAxis[0].data;
  const ink = style("--ink");
  const font = style("--font");
  const size = width < narrow ? 13 : 14;
  const room = gridLayout(grid.kind, width, waves.length, rows.length).names;
  const names = rows.map((name, i) => {
    if (room === 0) return name;
    const indent = width < narrow ? "" : "\u2003".repeat(grid.levels?.[i] ?? 0);
    return wrapped(name, room - 12 - measured(indent, fontOf(size)), fontOf(size)).map((l) => indent + l).join("\n");
  });
  const words = option.series.filter((s) => part(s) !== "hidden").flatMap((s) => s.data.map((d) => d.name));
  const word = Math.max(0, ...words.flatMap((w) => w.split(" ")).map((w) => measured(w, fontOf(wordSize))));
  const at = gridLayout(grid.kind, width, waves.length, rows.length, word, Math.max(...names.map((name) => name.split("\n").length)), paper);
  const surface = style("--surface");
  const cell = [at.column - 3, at.above ? at.row - nameLine - 2 : at.row - 3];
  const down = at.above ? nameLine / 2 : 0; // of what stands in a row, below its name
  const label = (s) => ({
    ...s.label, ...text(wordSize, ink), opacity: 1, formatter: ({ name }) => wrapped(name, cell[0] - 2, fontOf(wordSize)).join("\n"),
  });

  const series = option.series.map((s) => {
    const role = part(s);
    const painted = { ...s, emphasis: { disabled: true }, animation: false, clip: true };
    if (role === "hidden") {
      return { ...painted, z: 1, symbol: hatching(...cell.map(Math.round)), symbolSize: cell, symbolOffset: [0, down], itemStyle: hatched() };
    }
    if (role in shades) {
      return {
        ...painted, z: 2,
        itemStyle: { color: mixed(style("--worse"), shades[role], surface), borderColor: surface, borderWidth: 2 },
        label: label(s),
      };
    }
    const color = states[role]();
    return {
      ...painted, z: 3, symbolSize: 15, symbolOffset: [0, down - 17],
      itemStyle: { color, opacity: 1, borderWidth: role === "not_seen" ? 2 : 0 },
      label: { ...label(s), distance: 4, backgroundColor: surface, padding: [0, 1] },
    };
  });
  // Names stand beside their rows or, on a phone, above them.
  const beside = at.above
    ? { inside: true, margin: 0, align: "left", verticalAlign: "bottom", padding: [0, 0, (at.row - nameLine - line) / 2, 0], width: width - 8, overflow: "truncate" }
    : { inside: false, margin: at.names - 2, align: "left", formatter: (_, i) => names[i] };
  const quiet = { axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: false } };
  return {
    height: at.height,
    cut: at.shown < waves.length,
    option: {
      ...option,
      series,
      xAxis: [{ ...option.xAxis[0], ...quiet, position: "top", min: waves.length - at.shown, axisLabel: { ...text(13, style("--ink-soft")), interval: 0, hideOverlap: true, margin: 6 } }],
      yAxis: [{ ...option.yAxis[0], ...quiet, splitLine: { show: grid.kind === "strip", lineStyle: { color: style("--line") } }, axisLabel: { ...option.yAxis[0].axisLabel, ...text(size, ink), lineHeight: line, interval: 0, ...beside } }],
      grid: [{ left: at.names, right: 4, top: head, bottom: 12, containLabel: false }],
      tooltip: tooltip(option, ({ value: [x, y], name }) => [rows[y], waves[x].replace("\n", " "), name].join("\n")),
      animation: false,
      textStyle: { fontFamily: font },
    },
  };
}
