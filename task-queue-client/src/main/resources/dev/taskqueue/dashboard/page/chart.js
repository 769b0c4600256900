// Stacked columns of outcomes a minute, drawn by uPlot.
import uPlot from "./uplot.js";
import { html } from "./lit/lit-html.js";
import { ref } from "./lit/directives/ref.js";

const MINUTE = 60_000;

let plot = null;
let drawnIn = null;
let latest = null;

/** A canvas knows neither variables nor schemes: the browser is asked what an element of this colour has. */
function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const COLOURS = { succeeded: "--good", retrying: "--warn", dead: "--bad", other: "--wait" };

/** Columns for each step of the span, those of minutes without a count too, stacked from the first outcome up. */
function stacked(rows, outcomes, minutes) {
  const step = minutes > 240 ? 10 * MINUTE : MINUTE;
  const end = Math.floor(Date.now() / step) * step;
  const length = Math.ceil((minutes * MINUTE) / step);
  const times = Array.from({ length }, (_, i) => end - (length - 1 - i) * step);
  const sums = outcomes.map(() => new Array(length).fill(0));
  for (const row of rows) {
    const i = length - 1 - Math.round((end - Math.floor(row.at / step) * step) / step);
    if (i >= 0 && i < length) {
      outcomes.forEach((outcome, k) => (sums[k][i] += row[outcome]));
    }
  }
  for (let k = 1; k < sums.length; k++) {
    sums[k] = sums[k].map((value, i) => value + sums[k - 1][i]);
  }
  // The highest first, so that the lower ones are drawn over it.
  return [times.map((time) => time / 1_000), ...sums.reverse()];
}

function options(outcomes, width) {
  const bars = uPlot.paths.bars({ size: [0.85, 40] });
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  return {
    width,
    height: 224,
    // Room for the half of a time that stands at the right end.
    padding: [8, 32, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, most) => [0, Math.max(1, most)] } },
    axes: [{ ...axis, size: 28, space: 72, grid: { show: false }, values: (_, splits) => splits.map(time) }, { ...axis, size: 56, values: (_, splits) => splits.map(compact) }],
    series: [{}, ...[...outcomes].reverse().map((outcome) => ({ fill: colour(COLOURS[outcome]), stroke: "transparent", width: 0, paths: bars, points: { show: false } }))],
  };
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const COMPACT = new Intl.NumberFormat("en", { notation: "compact" });

const time = (seconds) => TIME.format(new Date(seconds * 1_000));
const compact = (value) => (Number.isInteger(value) ? COMPACT.format(value) : "");

function drawIn(element) {
  if (element !== drawnIn) {
    plot?.destroy();
    plot = null;
    drawnIn = element;
  }
  if (!element || !latest) {
    return;
  }
  const data = stacked(latest.rows, latest.outcomes, latest.minutes);
  if (plot) {
    plot.setData(data);
  } else {
    plot = new uPlot(options(latest.outcomes, element.clientWidth), data, element);
  }
}

/** Colours and width are read when it is drawn: both may have changed. */
function drawAnew() {
  const element = drawnIn;
  drawIn(undefined);
  drawIn(element);
}

new ResizeObserver(() => plot && drawAnew()).observe(document.documentElement);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAnew);
addEventListener("themechange", drawAnew);

export function chart(rows, outcomes, minutes) {
  latest = { rows, outcomes, minutes };
  return html`<div role="img" aria-label="Tasks that ended, by outcome, over the last ${minutes} minutes" ${ref(refresh)}></div>`;
}

const refresh = (element) => drawIn(element);

/** To be called after each drawing of the page: the element stays, the figures change. */
export function refreshChart() {
  if (drawnIn?.isConnected) {
    drawIn(drawnIn);
  }
}
