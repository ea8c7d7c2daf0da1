// Paints two views of the same signs on the scale of the answers: a circle for
// oneself, a filled square for the team, and a line from one to the other.

import { fontOf, hatched, hatching, lineHeight, narrow, part, style, text, tooltip, wrapped } from "./paint.js";

const row = 46; // pixels, as are all of these
const nameLine = 22; // of a name above its row, on a phone
const nameRoom = 200;
const side = 36; // beyond the ends of the scale, for a figure or half a word
const foot = 40;
const size = 13;

/** The option for a place of a width, and the height that it needs. */
export function paintedGap(chart, width) {
  const { option, words = {}, grid } = chart;
  const rows = option.yAxis[0].data;
  const above = width < narrow;
  const left = above ? side : nameRoom + side;
  const each = above ? row + nameLine : row;
  const down = above ? nameLine / 2 : 0;
  const ink = style("--ink");
  const soft = style("--ink-soft");
  const line = style("--chart-line");
  const surface = style("--surface");
  const { min, max } = option.xAxis[0];
  const room = width - left - side;
  const names = rows.map((name) => (above ? name : wrapped(name, nameRoom - 12, fontOf(14)).join("\n")));
  const series = option.series.map((s) => {
    const painted = { ...s, animation: false, emphasis: { disabled: true }, clip: false };
    if (part(s) === "joined") {
      return { ...painted, silent: true, z: 2, markLine: { ...s.markLine, z: 2, silent: true, animation: false, lineStyle: { color: line, type: "solid", width: 2, opacity: 0.6 } } };
    }
    const self = part(s).startsWith("self");
    return {
      ...painted, z: self ? 4 : 3, symbolSize: self ? 13 : 12,
      itemStyle: { color: self ? surface : line, borderColor: line, borderWidth: 2, opacity: 1 },
      label: { ...s.label, ...text(size, ink), distance: 6, formatter: ({ name }) => wrapped(name, above ? 46 : nameRoom, fontOf(size)).join("\n") },
    };
  });
  const cell = [Math.round(room), row - 12];
  if (grid.gaps?.length) {
    series.push({
      id: "hidden:0", type: "scatter", silent: true, z: 1, animation: false, data: grid.gaps.map((y) => [min, y]),
      symbol: hatching(...cell), symbolSize: cell, symbolOffset: [cell[0] / 2, 0], itemStyle: hatched(),
    });
  }
  // Above its row a name stands over the line, so that nothing covers it.
  const beside = above
    ? { inside: true, margin: -side + 4, align: "left", verticalAlign: "bottom", padding: [0, 0, 12 + down / 2, 0], width: width - 8, overflow: "truncate" }
    : { inside: false, margin: nameRoom + side - 2, align: "left", formatter: (_, i) => names[i] };
  return {
    height: rows.length * each + foot + 8,
    cut: false,
    option: {
      ...option,
      series,
      xAxis: [{
        ...option.xAxis[0], interval: 1, axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: style("--chart-grid") } },
        axisLabel: { ...text(size, soft), formatter: (v) => (above && v !== min && v !== max && 2 * v !== min + max ? "" : words[v] ?? String(v)), interval: 0 },
      }],
      yAxis: [{ ...option.yAxis[0], axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: true, lineStyle: { color: style("--line") } }, axisLabel: { ...option.yAxis[0].axisLabel, ...text(14, ink), lineHeight, interval: 0, ...beside } }],
      grid: [{ left, right: side, top: 8, bottom: foot, containLabel: false }],
      tooltip: tooltip(option, ({ seriesName, name, value }) => [rows[value[1]], `${seriesName}: ${name}`].join("\n")),
      animation: false,
      textStyle: { fontFamily: style("--font") },
    },
  };
}
