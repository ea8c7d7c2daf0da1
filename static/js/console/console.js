// Starts one chart for each <script type="application/json" class="chart">.
// The server made the option; here it only gets what a server cannot know:
// the colours of the style sheet in force, words for the axis, and the room
// that there is.

import { paintedBars } from "./bars.js";
import { paintedGap } from "./gap.js";
import { paintedGrid } from "./grid.js";
import { offerToSave } from "./save.js";

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// A series is named by its part in the chart and a number, "own:0", so that
// colours stay in the style sheet. A line that begins anew has several.
const paint = {
  own: () => ({ color: style("--chart-line"), width: 2.5, symbol: style("--surface") }),
  together: () => ({ color: style("--chart-line"), width: 2, symbol: style("--surface") }),
  above: () => ({ color: style("--chart-quiet"), width: 1.5, symbol: style("--surface") }),
};

const lineHeight = 18; // pixels, of text in charts
const nameWidth = 150; // pixels, of a name at the end of its line

// How many lines of text a name takes there: measured, so that names in
// capitals or of many words keep apart.
const canvas = document.createElement("canvas").getContext("2d");
function linesOf(name) {
  canvas.font = `14px ${style("--font")}`;
  let lines = 1;
  let width = 0;
  for (const word of name.split(" ")) {
    const wide = canvas.measureText(word + " ").width;
    if (width && width + wide > nameWidth) {
      lines += 1;
      width = 0;
    }
    width += wide;
    lines += Math.floor(Math.max(0, width - 1) / nameWidth);
    width %= nameWidth;
  }
  return lines;
}

const part = (s) => s.id.split(":")[0];

function painted(chart, place) {
  const { option, words, breaks = [], usual = [], events = [] } = chart;
  const narrow = place.clientWidth < 560;
  const offsets = apart(option, place.clientHeight - 80); // without the room for the names of waves
  const ink = style("--ink");
  const soft = style("--ink-soft");
  const font = style("--font");
  const text = { color: soft, fontFamily: font, fontSize: 14, lineHeight };
  const axis = (a) => ({
    ...a,
    axisLabel: { ...a.axisLabel, ...text },
    axisLine: { ...a.axisLine, lineStyle: { color: style("--edge") } },
    axisTick: { show: false },
    splitLine: { ...a.splitLine, lineStyle: { color: style("--chart-grid") } },
  });
  const xAxis = option.xAxis.map((a) => {
    const shown = axis(a);
    shown.axisLabel.hideOverlap = true;
    return shown;
  });
  const yAxis = option.yAxis.map((a) => {
    const shown = axis(a);
    if (words) shown.axisLabel.formatter = (value) => words[value] ?? "";
    return shown;
  });
  const series = option.series.map((s, i) => {
    const p = paint[part(s)]();
    const last = !option.series.slice(i + 1).some((later) => part(later) === part(s));
    return {
      ...s,
      z: part(s) === "above" ? 2 : 3,
      itemStyle: { color: p.symbol, borderColor: p.color, borderWidth: 2 },
      lineStyle: { ...s.lineStyle, color: p.color, width: p.width },
      endLabel: { show: last && !narrow, formatter: "{a}", color: part(s) === "own" ? ink : soft, fontFamily: font, fontSize: 14, lineHeight, distance: 10, offset: offsets[s.id], width: nameWidth, overflow: "break" },
      emphasis: { disabled: true },
      markLine: s.markLine && { ...s.markLine, silent: true, animation: false, lineStyle: { color: p.color, type: "solid", width: 1, opacity: 0.55 } },
    };
  });
  // Where a line begins anew: an upright line with the letter that is
  // explained beneath the chart.
  if (breaks.length) {
    series.push({
      id: "breaks", name: "", type: "line", data: [], silent: true,
      markLine: {
        silent: true, animation: false, symbol: "none", data: breaks.map((b) => ({ xAxis: b.at, name: b.letter })),
        lineStyle: { color: soft, type: "dotted", width: 1.5 },
        label: { show: true, formatter: "{b}", position: "end", distance: 2, color: ink, fontFamily: font, fontSize: 13, fontWeight: 600 },
      },
    });
  }
  // Where the values usually lie: its ends dashed, its middle thin. Ranges of
  // few waves are dotted, since they still move.
  if (usual.length) {
    const stroke = (u, value, type, width) => [
      { coord: [u.from, value], symbol: "none", lineStyle: { type: type === "solid" || !u.trial ? type : [2, 6], width } },
      { coord: [u.to, value], symbol: "none" },
    ];
    series.push({
      id: "usual", name: "", type: "line", data: [], silent: true, z: 1,
      markLine: {
        silent: true, animation: false, symbol: "none", label: { show: false }, lineStyle: { color: style("--chart-quiet") },
        data: usual.flatMap((u) => [stroke(u, u.low, [8, 4], 1.25), stroke(u, u.high, [8, 4], 1.25), stroke(u, u.centre, "solid", 0.75)]),
      },
    });
  }
  // What happened between two waves: a number, explained beneath. Several
  // between the same waves share one line.
  if (events.length) {
    const numbers = new Map();
    for (const e of events) numbers.set(e.at, [...(numbers.get(e.at) ?? []), e.number]);
    series.push({
      id: "events", name: "", type: "line", data: [], silent: true, z: 1,
      markLine: {
        silent: true, animation: false, symbol: ["none", "none"], data: [...numbers].map(([at, shared]) => ({ xAxis: at, name: shared.join(" ") })),
        lineStyle: { color: style("--accent"), type: "solid", width: 1, opacity: 0.6 },
        label: { show: true, formatter: "{b}", position: "end", distance: 2, color: ink, fontFamily: font, fontSize: 13, fontWeight: 600 },
      },
    });
  }
  const tooltip = {
    ...option.tooltip,
    confine: true,
    backgroundColor: style("--surface"),
    borderColor: style("--line"),
    textStyle: { color: ink, fontFamily: font, fontSize: 14 },
    formatter: (points) => {
      const lines = points.filter((p) => p.data.value !== "-").map((p) => `${p.seriesName}: ${p.data.name}`);
      const hidden = points.find((p) => p.data.value === "-" && part({ id: p.seriesId }) === "own");
      return [points[0].axisValue.replace("\n", " "), ...lines, ...(hidden && !lines.length ? [hidden.data.name] : [])].join("\n");
    },
  };
  const grid = [{ left: 8, right: narrow ? 16 : nameWidth + 20, top: breaks.length || events.length ? 24 : 16, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" }];
  return { ...option, xAxis, yAxis, series, tooltip, grid, animation: false, textStyle: { fontFamily: font } };
}

// Names stand in the middle of the ends of their lines, broken into as many
// lines of text as they need. Where two ends lie close together the lower name
// moves down by what is missing.
function apart(option, height) {
  const { min, max } = option.yAxis[0];
  const ends = option.series
    .map((s) => ({ id: s.id, lines: linesOf(s.name), value: s.data.map((d) => d.value).filter((v) => v !== "-").at(-1) }))
    .filter(({ value }) => value !== undefined)
    .map(({ id, lines, value }) => ({ id, half: (lines * lineHeight) / 2, y: ((max - value) / (max - min)) * height }))
    .sort((a, b) => a.y - b.y);
  const offsets = {};
  let free = -Infinity;
  for (const end of ends) {
    end.at = Math.max(end.y, free + end.half);
    free = end.at + end.half;
  }
  free = height; // what is pushed below the axis goes up again
  for (const { id, y, at, half } of ends.reverse()) {
    const up = Math.min(at, free - half);
    offsets[id] = [0, up - y];
    free = up - half;
  }
  return offsets;
}

const sheet = 880; // pixels, of a chart on paper
let printing = false;
const drawn = [];
const saving = document.querySelector("main").dataset;

for (const source of document.querySelectorAll("script.chart")) {
  const chart = JSON.parse(source.textContent);
  const place = source.parentElement.querySelector(".chart-place");
  place.hidden = false;
  const section = place.closest("section");
  for (const key of section.querySelectorAll(".chart-key, .chart-only")) key.hidden = false;
  const instance = globalThis.attuneCharts.init(place, null, { renderer: "svg" });
  const draw = () => {
    if (!chart.grid) return instance.setOption(painted(chart, place), { notMerge: true });
    const paint = { bars: paintedBars, gap: paintedGap }[chart.grid.kind] ?? paintedGrid;
    place.hidden = false; // what was left out of print has a width again
    const { option, height, cut } = paint(chart, place.clientWidth, printing);
    // A picture that a page would cut in the middle of a row is left out of
    // print: its table breaks between rows.
    place.hidden = printing && height > sheet;
    if (place.hidden) return undefined;
    place.style.height = `${height}px`;
    place.parentElement.querySelector(".chart-cut").hidden = !cut;
    instance.resize();
    return instance.setOption(option, { notMerge: true });
  };
  draw();
  drawn.push({ instance, place, draw });
  const svg = () => new XMLSerializer().serializeToString(place.querySelector("svg"));
  offerToSave(section, { place, svg }, saving);
}
for (const table of document.querySelectorAll("table[data-save]")) offerToSave(table.closest("section"), null, saving);

// Tables that are wider than the screen begin at the latest wave.
for (const table of document.querySelectorAll("table.signs,table.strip")) {
  table.parentElement.scrollLeft = table.parentElement.scrollWidth;
}

const redraw = () => drawn.forEach(({ instance, draw }) => { instance.resize(); draw(); });

// What is folded away has no size to draw in.
for (const folded of document.querySelectorAll("details:has(.chart-place)")) folded.addEventListener("toggle", redraw);

new ResizeObserver(redraw).observe(document.documentElement);
for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
  matchMedia(query).addEventListener("change", redraw);
}
// Paper has no room to open a table later, and a width of its own.
addEventListener("beforeprint", () => {
  document.querySelectorAll("details").forEach((d) => { d.open = true; });
  printing = true;
  redraw();
});
addEventListener("afterprint", () => {
  printing = false;
  redraw();
});
