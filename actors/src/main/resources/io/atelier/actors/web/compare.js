// Two to four runs beside each other: what was set otherwise, then curves, then pictures.
import { Chart } from "/chart.js";
import { json, Run, smooth, together } from "/data.js";
import { el, format, percent, section, slider } from "/dom.js";
import { status } from "/overview.js";
import { arrows, KEY_HELP, keys, shot, side, SMALL, stepName } from "/pictures.js";
import * as zoom from "/zoom.js";

const MOST = 4;
const CURVES = [
  ["Reward", "Mean of five steps; only alike rewards can be held against each other", "metrics", "reward/total", {}, smooth],
  ["Kernel distance", "To the references; lower is nearer", "evaluations", "kidReference", {}],
  ["Style share", "Share of images judged to be of the reference style", "evaluations", "styleShare", { range: [0, 1] }],
  ["Retrieval", "Share of images that show their concept", "evaluations", "retrievalTop1", { range: [0, 1] }],
  ["Diversity", "Mean distance between images of one prompt", "evaluations", "diversity", {}],
  ["Critic accuracy", "0.5: references and images look alike to it", "metrics", "critic/accuracy", { range: [0, 1] }],
  ["Groups that teach nothing", "Share of groups whose images all have one reward", "metrics", "reward/zero-variance", { range: [0, 1] }],
  ["Gradient", "Norm of the policy's gradient", "metrics", "policy/gradient-norm", {}],
  ["Throughput", "Images a second", "metrics", "images-per-second", {}],
];

export async function compare(ids) {
  const runs = ids.slice(0, MOST).map(id => new Run(id));
  document.getElementById("page").append(el("a", { class: "back", href: "/" }, "← all runs"), el("h1", {}, "Compared"));
  if (ids.length > MOST) document.getElementById("page").append(el("p", { class: "soft" }, `The first ${MOST} runs are shown.`));
  if (runs.length === 2) document.getElementById("page").append(el("p", {}, el("a", { href: "/?judge=" + ids.join(",") }, "judge blind")));
  document.title = "Compared · Atelier";
  const summary = el("div", { class: "card scroll" });
  document.getElementById("page").append(summary);
  const differences = await settings(runs);
  const node = section("Curves"), charts = el("div", { class: "charts" });
  node.append(charts);
  const drawn = CURVES.map(([title, note, , , options]) => new Chart(charts, title, note, { ...options, names: key => key }));
  const beside = pictures(runs);
  return async () => {
    const changes = await Promise.all(runs.map(run => run.update()));
    differences(runs);
    if (!changes.some(changed => changed.size)) return;
    summary.replaceChildren(table(runs));
    drawn.forEach((chart, i) => {
      const [, , file, key, , change] = CURVES[i];
      const parts = runs.map(run => ({ table: run[file].columns(), key, name: run.state.name + (runs.filter(r => r.state.name === run.state.name).length > 1 ? " " + run.id : "") }))
        .filter(part => part.table[key]);
      parts.forEach(part => { if (change) part.values = change(part.table[key]); });
      chart.set(parts.length ? together(parts) : {}, parts.map(part => part.name));
    });
    node.hidden = drawn.every(chart => chart.card.hidden);
    beside();
  };
}

function table(runs) {
  const held = run => run.evaluations.last();
  return el("table", { class: "runs" }, el("tr", {}, ...["run", "state", "step", "style share", "kernel distance", "retrieval", "diversity"].map(name => el("th", {}, name))),
    ...runs.map(run => el("tr", {}, el("td", {}, el("a", { href: "/?run=" + run.id }, run.state.name)), el("td", {}, status(run.state.state)), el("td", {}, run.state.step),
      el("td", {}, percent(held(run).styleShare)), el("td", {}, format(held(run).kidReference)), el("td", {}, percent(held(run).retrievalTop1)), el("td", {}, format(held(run).diversity)))));
}

/** Keys of which not all have the same value. */
async function settings(runs) {
  const node = section("What was set otherwise");
  node.hidden = false;
  const said = await Promise.all(runs.map(run => json(run.base + "/config")));
  const rows = new Map();
  said.forEach((one, i) => one.rows.forEach(row => {
    if (!rows.has(row.key)) rows.set(row.key, new Array(runs.length).fill(row.standard || "–"));
    rows.get(row.key)[i] = row.value;
  }));
  const differ = [...rows].filter(([, values]) => new Set(values).size > 1).sort(([a], [b]) => a < b ? -1 : 1);
  const problems = said.filter(one => one.problem).map(one => el("p", { class: "soft" }, one.problem));
  const heads = runs.map(() => el("th"));
  node.append(...problems, differ.length ? el("div", { class: "card scroll" }, el("table", {}, el("tr", {}, el("th", {}, "key"), ...heads),
    ...differ.map(([key, values]) => el("tr", {}, el("td", { class: "code" }, key), ...values.map(value => el("td", { class: "code" }, value))))))
    : el("p", { class: "soft" }, "Nothing: their configurations are the same."));
  return all => heads.forEach((head, i) => { head.textContent = all[i].state.name; });
}

/** Prompt by run at one step. */
function pictures(runs) {
  const node = section("Pictures", "prompt by run, at one step"), body = el("div", { class: "matrix" }), mine = {};
  const at = { prompt: -1, step: 0, base: false, follow: true };
  let all = [], steps = [], prompts = [];
  const when = slider("training step", index => { at.step = index; at.base = false; at.follow = index === steps.length - 1; draw(); });
  node.append(el("div", { class: "card" }, el("div", { class: "controls" }, ...when.nodes, el("span", { class: "keys" }, ...KEY_HELP)), body));
  keys(mine, node, key => {
    if (!steps.length || !arrows(at, prompts.length, steps.length, key)) return false;
    at.follow = at.step === steps.length - 1;
    draw();
    return true;
  });

  function draw() {
    const step = at.base ? steps[0] : steps[at.step];
    when.set(at.step, steps.length, stepName(step));
    const shown = at.prompt < 0 ? prompts : [prompts[at.prompt]], wanted = at.prompt < 0 ? SMALL : 256;
    body.className = at.prompt < 0 ? "matrix" : "strip";
    const cell = (prompt, i) => {
      const image = (all[i].files.get(step) || [])[all[i].prompts.indexOf(prompt)], name = runs[i].state.name;
      return shot(image ? runs[i].picture("images/" + image.file, side(image.width, wanted)) : null, image ? name : name + ": none", {
        small: image && image.width <= 96, alt: `${prompt}, ${name}`,
        open: () => zoom.show(mine, { src: runs[i].picture("images/" + image.file, 0), small: image.width <= 96, size: image, title: prompt, details: [el("p", {}, `${name}, ${stepName(step)}`)] }) });
    };
    body.replaceChildren(...shown.flatMap(prompt => at.prompt < 0
      ? [el("div", { class: "column" }, ...runs.map((run, i) => cell(prompt, i)), el("div", { class: "caption", title: prompt }, prompt))]
      : [...runs.map((run, i) => cell(prompt, i)), el("div", { class: "caption" }, prompt)]));
  }

  return () => {
    all = runs.map(run => run.pictures());
    steps = [...new Set(all.flatMap(one => one.steps))].sort((a, b) => a - b);
    prompts = [...new Set(all.flatMap(one => one.prompts))].filter(prompt => all.filter(one => one.prompts.includes(prompt)).length > 1);
    node.hidden = !steps.length || !prompts.length;
    if (node.hidden) return;
    at.step = at.follow ? steps.length - 1 : Math.min(at.step, steps.length - 1);
    draw();
  };
}
