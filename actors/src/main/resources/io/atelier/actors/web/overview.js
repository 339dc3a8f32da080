// What a person sees first: whether the run lives, what is wrong, and whether it gets better.
import { Chart } from "/chart.js";
import { json, smooth, together } from "/data.js";
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
      el("span", { class: "wide-only" }, s.folder),
    ].filter(Boolean));
    bar.hidden = !s.steps;
    done.style.width = s.steps ? Math.min(100, 100 * s.step / s.steps) + "%" : "0";
    const say = [...s.problems];
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
    const names = Object.keys(run.state.files).filter(name => !name.includes("/")).sort();
    body.replaceChildren(...[
      said.problem ? el("p", { class: "soft" }, said.problem) : null,
      own.length ? table(own) : said.problem ? null : el("p", { class: "soft" }, "Nothing but what the preset sets."),
      preset.length ? el("details", {}, el("summary", {}, `${preset.length} more as preset ${said.preset} has them`), table(preset)) : null,
      run.has("trace.json") ? trace(run) : null,
      el("p", { class: "soft" }, "Files: ", ...names.flatMap(name => [el("a", { href: `${run.base}/file/${name}`, target: "_blank", rel: "noreferrer" }, name), "  "])),
    ].filter(Boolean));
  };
}
