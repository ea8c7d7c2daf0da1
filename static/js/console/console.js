// Starts one chart for each <script type="application/json" class="chart">.
// The server made the option; here it only gets what a server cannot know:
// the colours of the style sheet in force, words for the axis, and the room
// that there is.

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// A series is named by its part in the chart and a number, "own:0", so that
// colours stay in the style sheet. A line that begins anew has several.
const paint = {
  own: () => ({ color: style("--chart-line"), width: 2.5, symbol: style("--surface") }),
  together: () => ({ color: style("--chart-line"), width: 2, symbol: style("--surface") }),
  above: () => ({ color: style("--chart-quiet"), width: 1.5, symbol: style("--surface") }),
};

const lineHeight = 18; // pixels, of text in charts

const part = (s) => s.id.split(":")[0];

function painted(chart, place) {
  const { option, words } = chart;
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
      endLabel: { show: last && !narrow, formatter: "{a}", color: part(s) === "own" ? ink : soft, fontFamily: font, fontSize: 14, distance: 10, offset: offsets[s.id], width: 140, overflow: "truncate" },
      emphasis: { disabled: true },
      markLine: s.markLine && { ...s.markLine, silent: true, animation: false, lineStyle: { color: p.color, type: "solid", width: 1, opacity: 0.55 } },
    };
  });
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
  const grid = [{ left: 8, right: narrow ? 16 : 150, top: 16, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" }];
  return { ...option, xAxis, yAxis, series, tooltip, grid, animation: false, textStyle: { fontFamily: font } };
}

// Names stand at the ends of their lines. Where two ends lie close together
// the lower name moves down by what is missing to one line of text.
function apart(option, height) {
  const { min, max } = option.yAxis[0];
  const ends = option.series
    .map((s) => ({ id: s.id, value: s.data.map((d) => d.value).filter((v) => v !== "-").at(-1) }))
    .filter(({ value }) => value !== undefined)
    .map(({ id, value }) => ({ id, y: ((max - value) / (max - min)) * height }))
    .sort((a, b) => a.y - b.y);
  const offsets = {};
  let free = -Infinity;
  for (const { id, y } of ends) {
    const at = Math.max(y, free);
    offsets[id] = [0, at - y];
    free = at + lineHeight;
  }
  return offsets;
}

const drawn = [];

for (const source of document.querySelectorAll("script.chart")) {
  const chart = JSON.parse(source.textContent);
  const place = source.parentElement.querySelector(".chart-place");
  place.hidden = false;
  const instance = globalThis.attuneCharts.init(place, null, { renderer: "svg" });
  const draw = () => instance.setOption(painted(chart, place), { notMerge: true });
  draw();
  drawn.push({ instance, place, draw });
}

// Tables that are wider than the screen begin at the latest wave.
for (const table of document.querySelectorAll("table.signs")) {
  table.parentElement.scrollLeft = table.parentElement.scrollWidth;
}

const redraw = () => drawn.forEach(({ instance, draw }) => { instance.resize(); draw(); });

new ResizeObserver(redraw).observe(document.documentElement);
for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
  matchMedia(query).addEventListener("change", redraw);
}
// Paper has no room to open a table later, and a width of its own.
addEventListener("beforeprint", () => {
  document.querySelectorAll("details").forEach((d) => { d.open = true; });
  redraw();
});
