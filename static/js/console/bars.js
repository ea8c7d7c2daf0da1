// Paints the columns of who answered: filled, or hollow where too few did, and
// hatched where it is not told.

import { fontOf, hatched, hatching, measured, part, style, text, tooltip, wrapped } from "./paint.js";

const height = 260; // pixels, as are all of these
const least = 44; // of a column with its numbers
const axisRoom = 48;
const top = 34;
const bottom = 44;
const size = 12.5; // of text
const marked = [0, 60, 100]; // of a hundred, on the axis: the line is the middle one

/** The option for a place of a width, and the height that it needs. */
export function paintedBars(chart, width) {
  const { option } = chart;
  const waves = option.xAxis[0].data;
  const ink = style("--ink");
  const soft = style("--ink-soft");
  const line = style("--chart-line");
  const words = option.series.filter((s) => s.type === "bar").flatMap((s) => s.data).filter((d) => d.value !== "-").flatMap((d) => d.name.split(" "));
  const column = Math.max(least, ...words.map((w) => measured(w, fontOf(size)) + 8));
  const shown = Math.max(1, Math.min(waves.length, Math.floor((width - axisRoom - 4) / column)));
  const band = (width - axisRoom - 4) / shown;
  const cell = [Math.round(Math.min(band * 0.7, 48)), height - top - bottom];
  const series = option.series.map((s) => {
    const painted = { ...s, animation: false, emphasis: { disabled: true } };
    switch (part(s)) {
      case "hidden":
        return { ...painted, symbol: hatching(...cell), symbolSize: cell, symbolOffset: [0, -cell[1] / 2], itemStyle: hatched() };
      case "least":
        return {
          ...painted, silent: true, z: 1,
          markLine: {
            ...s.markLine, silent: true, symbol: "none", animation: false, lineStyle: { color: soft, type: [6, 4], width: 1.25 },
            label: { show: false },
          },
        };
    }
    const hollow = part(s) === "partial";
    return {
      ...painted, z: 2, barMaxWidth: 48, barCategoryGap: "30%",
      itemStyle: hollow ? { color: style("--surface"), borderColor: line, borderWidth: 2, borderType: "dashed" } : { color: line },
      label: { ...s.label, ...text(size, ink), formatter: ({ name }) => wrapped(name, band - 4, fontOf(size)).join("\n") },
    };
  });
  return {
    height,
    cut: shown < waves.length,
    option: {
      ...option,
      series,
      xAxis: [{ ...option.xAxis[0], min: waves.length - shown, axisTick: { show: false }, axisLine: { lineStyle: { color: style("--edge") } }, axisLabel: { ...text(13, soft), interval: 0, hideOverlap: true } }],
      yAxis: [{ ...option.yAxis[0], interval: 0.2, splitLine: { show: false }, axisLabel: { ...text(13, soft), formatter: (share) => (marked.includes(Math.round(100 * share)) ? `${Math.round(100 * share)} %` : "") } }],
      grid: [{ left: axisRoom, right: 4, top, bottom, containLabel: false }],
      tooltip: tooltip(option, ({ name, dataIndex, data }) => [waves[Array.isArray(data.value) ? data.value[0] : dataIndex].replace("\n", " "), name].join("\n")),
      animation: false,
      textStyle: { fontFamily: style("--font") },
    },
  };
}
