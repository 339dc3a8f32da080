// Curves by step, with uPlot.
import uPlot from "/uplot.js";
import { css, el, format } from "/dom.js";

const COLOURS = ["#3f74e8", "#d9822b", "#1a9e6b", "#a04bc4", "#c9403a", "#6b7280"];
const HEIGHT = 220;
/** Of values that are all the same some room around them, else a tenth of what they span. */
const around = (u, low, high) => low == null ? [0, 1] : low === high ? [low - (Math.abs(low) || 1) / 2, low + (Math.abs(low) || 1) / 2] : uPlot.rangeNum(low, high, 0.1, true);
const sync = uPlot.sync("step");
const all = new Set();

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => all.forEach(plot => plot.redraw(false, true)));

/**
 * A card with curves.
 * options: range of the left axis, right: keys on the right one, down: whether that one grows downwards.
 */
export class Chart {
  constructor(parent, title, note, options) {
    this.options = options || {};
    this.note = el("p", { class: "note" }, note || "");
    this.card = el("div", { class: "card", hidden: true }, el("h3", {}, title), this.note);
    parent.append(this.card);
    this.keys = "";
    new ResizeObserver(() => this.plot && this.plot.setSize({ width: this.width(), height: HEIGHT })).observe(this.card);
  }

  width() {
    return Math.max(200, this.card.clientWidth - 34);
  }

  /** Shows some columns of a table; those without a number are left out. Returns whether any is there. */
  set(table, keys) {
    const used = keys.filter(key => (table[key] || []).some(v => v != null));
    const shown = used.length > 0 && (table.step || []).length > 0;
    this.card.hidden = !shown;
    if (!shown) return false;
    const data = [table.step, ...used.map(key => table[key])];
    const drawn = used.join("\n") + (table.step.length < 40);
    if (this.plot && drawn === this.keys) {
      this.plot.setData(data);
      return true;
    }
    if (this.plot) {
      all.delete(this.plot);
      this.plot.destroy();
    }
    this.keys = drawn;
    this.plot = new uPlot(this.layout(used, table.step.length < 40), data, this.card);
    all.add(this.plot);
    return true;
  }

  layout(keys, points) {
    const line = () => css("--line"), soft = () => css("--soft");
    const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
    const right = new Set(this.options.right || []), range = this.options.range;
    const axes = [
      { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] },
      { ...axis, size: 62, values: (u, vs) => vs.map(v => +v.toPrecision(6)) },
    ];
    if (right.size) axes.push({ ...axis, size: 50, side: 1, scale: "right", grid: { show: false } });
    return {
      width: this.width(), height: HEIGHT, cursor: { sync: { key: sync.key } },
      scales: { x: { time: false }, y: { range: range || around }, right: { range: around, dir: this.options.down ? -1 : 1 } },
      axes,
      series: [{ label: "step" }].concat(keys.map((key, i) => ({
        label: this.options.names ? this.options.names(key) : key.includes("/") ? key.slice(key.indexOf("/") + 1) : key,
        stroke: COLOURS[i % COLOURS.length], width: 2, spanGaps: true,
        dash: right.has(key) ? [6, 4] : undefined, scale: right.has(key) ? "right" : "y",
        points: { show: points || right.has(key), size: 6 }, value: (u, v) => format(v),
      }))),
    };
  }
}
