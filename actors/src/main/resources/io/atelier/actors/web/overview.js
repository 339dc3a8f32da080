// What a person sees first: whether the run lives, what is wrong, and whether it gets better.
import { Chart } from "/chart.js";
import { isReport, json, smooth, together } from "/data.js";
import { el, format, mean, percent, section, time } from "/dom.js";
import { trace } from "/machine.js";

const MEASURED = { "held-out": "held out, never part of the reward", "trained-prompts": "on prompts that are trained on" };

/** Name, state, step, time left. */
export function header(back) {
  const title = el("div", { class: "title" }), facts = el("div", { class: "facts" }), done = el("div");
  const bar = el("div", { class: "bar", hidden: true }, done), notes = el("div");
  document.getElementById("page").append(el("header", {}, back ? el("a", { class: "back", href: "/" }, "← all runs") : null, title, facts, bar, notes));
  return run => {
    const s = run.state, last = run.metrics.last(), rows = run.metrics.rows().slice(-10);
    title.replaceChildren(el("h1", {}, s.name), status(s.state));
    document.title = s.name + " · Atelier";
    const perStep = s.secondsPerStep || mean(rows.map(row => row.seconds).filter(v => v != null));
    const alive = ["running", "paused", "stopping"].includes(s.state);
    const fact = (name, value) => value == null ? null : el("span", {}, name + " ", el("b", {}, value));
    facts.replaceChildren(...[
      fact("step", s.steps ? s.step + " of " + s.steps : s.step),
      alive && perStep && s.steps > s.step ? fact("left", time(perStep * (s.steps - s.step))) : null,
      perStep ? fact("a step takes", time(perStep)) : null,
      last["images-per-second"] ? fact("images a second", last["images-per-second"].toFixed(1)) : null,
      last.elapsed ? fact("so far", time(last.elapsed)) : null,
      s.host ? fact("on", s.host) : null,
      s.made ? fact("as of", new Date(s.made).toLocaleString()) : null,
      el("span", { class: "wide-only" }, s.folder),
    ].filter(Boolean));
    bar.hidden = !s.steps;
    done.style.width = s.steps ? Math.min(100, 100 * s.step / s.steps) + "%" : "0";
    const say = s.note ? [...s.problems, s.note] : [...s.problems];
    if (s.state === "dead") say.push(`No sign of life for ${time(s.silent)}: its process has ended, or its machine does not answer. Go on with ./atelier train --resume ${s.folder}`);
    if (s.cause) say.push("It failed: " + s.cause);
    if (s.state === "unknown" && !s.problems.length) say.push("Nothing here says whether this run still goes on: an older program wrote the folder, or it was cut off.");
    for (const lines of [run.metrics, run.evaluations, run.shown]) {
      if (lines.damaged) say.push(`${lines.damaged} line(s) of ${lines.path.split("/").pop()} are damaged and left out.`);
    }
    notes.replaceChildren(...say.map(text => el("div", { class: "notice" + (["dead", "failed"].includes(s.state) ? " ALARM" : "") }, text)));
  };
}

export const status = name => el("span", { class: "status " + name }, name);

/** What is wrong. */
export function alarms() {
  const node = el("section", { "aria-live": "polite", id: "alarms" });
  document.getElementById("page").append(node);
  return async run => {
    const said = await json(run.base + "/alarms");
    node.replaceChildren(...said.alarms.map(alarm => el("div", { class: "notice " + alarm.severity },
      el("b", {}, alarm.name.replaceAll("-", " ")), " " + alarm.text + " ", el("span", { class: "at" }, "(step " + alarm.step + ")"))));
    if (said.problem) node.append(el("div", { class: "notice" }, said.problem));
  };
}

/** The reward against what no reward sees, and the figures from the base to now. */
export function better() {
  const node = section("Is it better?");
  const charts = el("div", { class: "charts wide" }), tiles = el("div", { class: "tiles" }), note = el("p", { class: "soft" });
  node.append(charts, tiles, note);
  const kid = new Chart(charts, "Reward and kernel distance", "Distance on the right, dashed, nearer upwards: both lines should rise", { right: ["kernel distance"], down: true });
  const style = new Chart(charts, "Reward and style share", "Share on the right, dashed: both lines should rise", { right: ["style share"] });
  const alone = new Chart(charts, "Reward", "Mean of five steps");
  return run => {
    const steps = run.metrics.columns(), held = run.evaluations.columns();
    node.hidden = !(steps.step || held.step);
    const measured = run.evaluations.last().prompts;
    node.querySelector("h2").replaceChildren("Is it better? ", el("small", {}, MEASURED[measured] || ""));
    const reward = { table: steps, key: "reward/total", name: "reward", values: steps["reward/total"] && smooth(steps["reward/total"]) };
    const both = (key, name) => together([reward, { table: held, key, name }].filter(part => part.table.step));
    const any = [kid.set(held.kidReference ? both("kidReference", "kernel distance") : {}, ["reward", "kernel distance"]),
      style.set(held.styleShare ? both("styleShare", "style share") : {}, ["reward", "style share"])].some(Boolean);
    alone.set(any || !reward.values ? {} : together([reward]), ["reward"]);
    tiles.replaceChildren(...[
      tile("Share of the reference style", ends(held, "styleShare"), false, percent),
      tile("Kernel distance to the references", ends(held, "kidReference"), true, format),
      tile("Shows its concept (retrieval)", ends(held, "retrievalTop1"), false, percent),
      tile("Diversity within a prompt", ends(held, "diversity"), false, format),
    ].filter(Boolean));
    note.textContent = !held.step ? "No evaluation is finished yet; evaluation.every says when they are made." : held.step[0] === 0 ? "" : "The base was not measured: these figures have no start to be held against.";
    note.hidden = !note.textContent;
  };
}

/** From the base, if it was measured, to the last that was. */
function ends(table, key) {
  const values = table[key] || [], from = (table.step || [])[0] === 0 ? values[0] : null;
  const last = values.filter(v => v != null);
  return [from, last.length ? last[last.length - 1] : null];
}

export function tile(name, [from, to], lowerIsBetter, shown) {
  if (to == null) return null;
  const node = el("div", { class: "tile" }, el("div", { class: "name" }, name),
    el("div", { class: "value" }, shown(to), from != null ? el("small", {}, "  from " + shown(from)) : null));
  if (from != null && from !== to) {
    const up = to > from, points = shown === percent;
    const amount = points ? Math.abs(100 * (to - from)).toFixed(0) + " points" : Math.abs(100 * (to / from - 1)).toFixed(0) + "%";
    node.append(el("div", { class: "delta " + (up === !lowerIsBetter ? "good" : "bad") }, (up ? "▲ " : "▼ ") + amount));
  }
  return node;
}

/** What each reward is worth, by what no reward sees. */
export function worth() {
  const node = section("Are the rewards right?", "rewards against what no reward sees"), card = el("div", { class: "card" });
  node.append(card);
  const signed = v => v == null ? "–" : (v > 0 ? "+" : v < 0 ? "−" : "") + Math.abs(v).toFixed(2);
  const rated = (v, sign) => el("td", { class: "number " + (v == null || Math.abs(v) < .5 ? "" : v * sign > 0 ? "good" : "bad") }, signed(v));
  let step = null;
  const liked = el("div", { class: "grids" });
  return async run => {
    const said = await json(run.base + "/worth");
    node.hidden = !said.rewards.length;
    if (node.hidden) return;
    const precise = v => el("td", { class: "number" }, v == null ? "–" : String(+v.toPrecision(4)));
    card.replaceChildren(...said.herding.map(text => el("p", { class: "bad" }, text)), el("div", { class: "scroll" }, el("table", { class: "wide" },
      el("tr", {}, el("th", {}, "reward"), ...["at the first evaluation", "at the last", "correlation with the distance", "with the style share", "reference preferred"].map(name => el("th", { class: "number" }, name))),
      ...said.rewards.map(r => el("tr", {}, el("td", {}, r.name === "total" ? "all together" : r.name), precise(r.first), precise(r.last), rated(r.withKid, -1), rated(r.withStyle, 1), el("td", { class: "number" }, percent(r.pairs)))))),
      el("p", { class: "soft" }, "Means of five steps. Red: the more of this reward, the worse the images. Reference preferred: how often it is higher for a reference than for a generated image of the same group; 50% is chance, and only critics score references."), liked);
    if (said.step === step) return;
    step = said.step;
    liked.replaceChildren(...["highest", "lowest"].map(end => el("figure", {}, el("figcaption", {}, `step ${step}: of each prompt the image with the ${end} reward`),
      el("img", { src: run.grid(step, end), alt: `images with the ${end} reward`, loading: "lazy" }))));
  };
}

/** Whether every group is accounted for. */
export function ledger() {
  const node = section("Ledger");
  const line = el("div", { class: "card" }), points = el("div");
  node.append(line);
  return async run => {
    const last = run.metrics.last(), at = name => last["groups/" + name];
    node.hidden = at("admitted") == null;
    if (node.hidden) return;
    const right = at("admitted") === at("trained") + at("dropped") + at("open");
    line.replaceChildren(`${at("admitted")} groups admitted = ${at("trained")} trained + ${at("dropped")} dropped + ${at("open")} open `,
      el("b", { class: right ? "good" : "bad" }, right ? "✓" : "✗ this does not add up"),
      el("div", { class: "soft" }, `Step ${last.step}: policy ${last.policy}, critic ${last.critic}. The proof from the files: ./atelier verify ${run.state.folder}`), points);
    const { checkpoints, count, problems } = await json(run.base + "/checkpoints"), folder = run.state.folder;
    const [newest] = checkpoints, on = run.state.epoch > 0 ? "start its nodes again" : `./atelier train --resume ${folder}`;
    points.replaceChildren(...problems.map(text => el("div", { class: "bad" }, text)), newest ? el("div", { class: "scroll" }, el("table", { class: "wide checkpoints" },
      el("tr", {}, ...["checkpoint", "policy", "critic"].map(name => el("th", {}, name))),
      ...checkpoints.map(point => el("tr", {}, el("td", {}, "step " + point.step), ...[point.policy, point.critic].map(hash => el("td", { class: "code", title: hash }, (hash || "–").slice(0, 16))))))) : el("p", { class: "soft" }, "No checkpoint yet: see checkpoint.every."),
      newest ? el("div", { class: "soft" }, `${count > checkpoints.length ? `The newest of ${count}. ` : ""}It goes on from step ${newest.step}: ${on}. Another run from any of them: ./atelier fork ${folder} --step ${newest.step} --out DIR KEY=VALUE`) : "");
  };
}

/** All of config.conf, read when somebody wants it. */
function whole(run) {
  const text = el("pre", { class: "scroll" });
  return el("details", { ontoggle: async () => { text.textContent = await run.text("config.conf"); } }, el("summary", {}, "All of config.conf"), text);
}

/** In what the configuration differs from the defaults, and the files. */
export function settings() {
  const node = section("Settings", "what differs from the defaults");
  const body = el("div");
  node.append(body);
  return async run => {
    const said = await json(run.base + "/config");
    node.hidden = false;
    const table = rows => el("div", { class: "card scroll" }, el("table", {},
      el("tr", {}, ...["key", "here", "default"].map(name => el("th", {}, name))),
      ...rows.map(row => el("tr", {}, el("td", { class: "code" }, row.key), el("td", { class: "code" }, row.value), el("td", { class: "code soft" }, row.standard || "–")))));
    const own = said.rows.filter(row => !row.ofPreset), preset = said.rows.filter(row => row.ofPreset);
    const nodes = run.has("nodes.jsonl") ? (await run.text("nodes.jsonl")).split("\n").filter(Boolean) : [];
    const on = new Set(nodes.flatMap(line => { try { return [JSON.parse(line).computing]; } catch { return []; } }));
    const names = Object.keys(run.state.files).filter(name => !name.includes("/")).sort();
    body.replaceChildren(...[
      said.problem ? el("p", { class: "soft" }, said.problem) : null,
      own.length ? table(own) : said.problem ? null : el("p", { class: "soft" }, "Nothing but what the preset sets."),
      preset.length ? el("details", {}, el("summary", {}, `${preset.length} more as preset ${said.preset} has them`), table(preset)) : null,
      run.has("config.conf") ? whole(run) : null,
      run.has("trace.json") && !isReport ? trace(run) : null,
      on.size ? el("p", { class: "soft" }, `Computed on ${[...on].join("; ")}` + (run.state.program ? `, by Atelier ${run.state.program}` : "")) : null,
      el("p", { class: "soft" }, "Files: ", ...names.flatMap(name => [el("a", { href: run.link(name), target: "_blank", rel: "noreferrer" }, name), "  "])),
    ].filter(Boolean));
  };
}
