/*! Contains Apache ECharts (Apache-2.0), zrender and d3-derived code (BSD-3-Clause) and tslib (0BSD). See NOTICE. */
// The parts of echarts that our charts use, and no others: lines, columns,
// points and cells on a grid with tooltips, marks and descriptions for screen readers,
// drawn as SVG.
// Pages without charts do not load this bundle.
import { init, use } from "echarts/core";
import { BarChart, HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

use([LineChart, BarChart, HeatmapChart, ScatterChart, AriaComponent, GridComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

globalThis.attuneCharts = { init };
