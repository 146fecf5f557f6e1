// Charts beside their tables: bars by unit and light, lines over time. Nothing stands here that the table does not say.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

interface Series {
  name: string;
  colour?: string;
  tone?: string;
  values: number[];
  links?: string[];
}
interface Told {
  kind: "bars" | "lines";
  labels: string[];
  series: Series[];
}

const LINE = 34;
const FRAME = 90;
const TREND = 260;

use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

export function mount(host: HTMLElement): void {
  const told = JSON.parse(host.dataset.chart ?? "{}") as Told;
  if (!told.labels.length) return;
  host.style.height = `${told.kind === "bars" ? told.labels.length * LINE + FRAME : TREND}px`;
  const chart = init(host, undefined, { renderer: "canvas" });
  chart.setOption(told.kind === "bars" ? bars(host, told) : lines(host, told));
  chart.on("click", (event) => {
    const link = told.series[event.seriesIndex ?? -1]?.links?.[event.dataIndex];
    if (link) window.location.assign(link);
  });
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(host);
}

function variable(host: HTMLElement, name: string): string {
  return getComputedStyle(host).getPropertyValue(name).trim();
}

/** The tooltip is drawn on the canvas: as HTML it would carry styles that the policy forbids. */
function common(host: HTMLElement): Record<string, unknown> {
  const ink = variable(host, "--ink");
  return {
    textStyle: { fontFamily: getComputedStyle(host).fontFamily, color: ink },
    tooltip: { renderMode: "richText", trigger: "axis", axisPointer: { type: "shadow" } },
    legend: { top: 0, textStyle: { color: ink, fontSize: 14 } },
    animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
}

function bars(host: HTMLElement, told: Told): Record<string, unknown> {
  const ink = variable(host, "--ink");
  const narrow = host.clientWidth < 480;
  return {
    ...common(host),
    aria: { enabled: true, label: { enabled: false }, decal: { show: true } },
    grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
    xAxis: { type: "value", minInterval: 1, axisLabel: { color: ink } },
    yAxis: {
      type: "category",
      inverse: true,
      data: told.labels,
      axisLabel: { color: ink, fontSize: narrow ? 11 : 13, width: narrow ? 90 : 200, overflow: "truncate" },
    },
    series: told.series.map((series) => ({
      type: "bar",
      stack: "all",
      name: series.name,
      data: series.values.map((value) => value || null),
      itemStyle: { color: series.colour },
      barMaxWidth: 22,
      cursor: "pointer",
    })),
  };
}

function lines(host: HTMLElement, told: Told): Record<string, unknown> {
  const ink = variable(host, "--ink");
  const dashes = ["solid", "dashed", "dotted"];
  const symbols = ["circle", "rect", "triangle"];
  return {
    ...common(host),
    grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: told.labels, axisLabel: { color: ink } },
    yAxis: { type: "value", minInterval: 1, axisLabel: { color: ink } },
    series: told.series.map((series, place) => {
      const colour = variable(host, `--chart-${series.tone}`);
      return {
        type: "line",
        name: series.name,
        data: series.values,
        symbol: symbols[place],
        symbolSize: 8,
        lineStyle: { color: colour, width: 2, type: dashes[place] },
        itemStyle: { color: colour },
      };
    }),
  };
}
