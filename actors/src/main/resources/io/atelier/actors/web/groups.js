// What was rewarded in a step: every group, every image, what it got and for what.
import { mayJudge, post, who, whoField } from "/actions.js";
import { json } from "/data.js";
import { el, format, mean, section, select, slider, spread } from "/dom.js";
import { keys, shot, side, SMALL, stepName } from "/pictures.js";
import * as zoom from "/zoom.js";

const BINS = 24, FLAT = 1e-9, PAGE = 24, LABELS = { a: "artifact", g: "good" };

export function groups() {
  const node = section("What was rewarded", "each image of a step, and what it got");
  const card = el("div", { class: "card" });
  const say = el("p", { class: "soft", hidden: true });
  const histogram = el("div", { class: "histogram", role: "group", "aria-label": "rewards of the step" }), ends = el("div", { class: "ends" });
  const list = el("div"), more = el("button", { hidden: true, onclick: () => { shown += PAGE; draw(); } });
  const mine = {};
  let run, steps = [], size = -1, at = { step: null, follow: true }, data = null, bin = null, filter = "all", order = "spread", shown = PAGE, asked = 0, large = null;
  const when = slider("training step", index => { at = { step: steps[index], follow: index === steps.length - 1 }; load(); });
  card.append(el("div", { class: "controls" }, ...when.nodes,
    select("which groups", [["all", "all groups"], ["flat", "groups that teach nothing"], ["pictures", "groups with pictures"]], value => { filter = value; shown = PAGE; draw(); }),
    select("order", [["spread", "widest spread first"], ["mean", "highest mean first"], ["slot", "in order"]], value => { order = value; draw(); })),
    say, histogram, ends, list, more);
  node.append(card);
  const help = el("p", { class: "keys", hidden: true }, el("kbd", {}, "a"), " artifact  ", el("kbd", {}, "g"), " good: labels the picture under the pointer; again takes it back. ", whoField());
  card.insertBefore(help, say);
  const cells = new WeakMap();
  let pointed = null;
  for (const name of ["pointerover", "focusin"]) list.addEventListener(name, event => { pointed = event.target.closest(".image"); });

  function tell(trouble) {
    say.textContent = trouble || "";
    say.hidden = !trouble;
  }

  /** Gives a picture a label, or takes it back if it has it. */
  async function label(group, i, name) {
    const picture = group.pictures.get(i);
    if (!picture || !picture.kept) return;
    const wanted = picture.label === name ? "none" : name;
    const [done, message] = await post(run.base + "/label", { file: picture.file, step: group.line.step, label: wanted, who: who() });
    if (done) picture.label = wanted === "none" ? null : wanted;
    else if (!zoom.isOpen(mine)) tell(message);
    mark(group, i, done ? "" : message);
  }

  /** Shows the label of a picture where the picture is shown. */
  function mark(group, i, trouble) {
    const set = (group.pictures.get(i) || {}).label;
    if (group.marks[i]) group.marks[i].className = "mark " + (set || "");
    if (!large || large.group !== group || large.i !== i) return;
    large.labels.replaceChildren(...Object.entries(LABELS).map(([key, name]) => el("button", { "aria-pressed": String(set === name), onclick: () => label(group, i, name) }, name + " ", el("kbd", {}, key))), trouble ? el("span", { class: "bad" }, trouble) : "");
  }

  async function load() {
    const ticket = ++asked, step = at.step;
    when.set(steps.indexOf(step), steps.length, stepName(step));
    const answer = await json(`${run.base}/groups?step=${step}`);
    if (ticket !== asked) return; // a later one was asked for
    data = answer.groups.map(line => ({ line, rewards: (line.rewards || []).map(v => v == null ? NaN : v), pictures: new Map(), marks: [] }));
    const byGroup = new Map(data.map(group => [group.line.group + "#" + group.line.attempt, group]));
    answer.pictures.forEach(picture => {
      const group = byGroup.get(picture.group + "#" + picture.attempt);
      if (group) group.pictures.set(picture.image, picture);
    });
    data.forEach(group => {
      const rewards = group.rewards.filter(v => !Number.isNaN(v));
      group.mean = mean(rewards);
      group.spread = spread(rewards);
    });
    bin = null;
    shown = PAGE;
    draw();
    if (answer.labels) tell(answer.labels);
  }

  function draw() {
    if (!data) return;
    const rewards = data.flatMap(group => group.rewards).filter(v => !Number.isNaN(v));
    const low = Math.min(...rewards), high = Math.max(...rewards), width = (high - low) / BINS || 1;
    const binOf = v => Math.min(BINS - 1, Math.floor((v - low) / width));
    const counts = new Array(BINS).fill(0);
    rewards.forEach(v => counts[binOf(v)]++);
    histogram.className = "histogram" + (bin == null ? "" : " picked");
    histogram.replaceChildren(...counts.map((count, i) => {
      const bar = el("div");
      bar.style.height = count ? Math.max(3, 100 * count / Math.max(...counts)) + "%" : "0";
      return el("button", { class: i === bin ? "picked" : null, disabled: !count, title: `${count} image(s) from ${format(low + i * width)} to ${format(low + (i + 1) * width)}`,
        onclick: () => { bin = bin === i ? null : i; draw(); } }, bar);
    }));
    ends.replaceChildren(el("span", {}, rewards.length ? format(low) : ""), el("span", {}, bin == null ? `${rewards.length} images in ${data.length} groups; click a bar to see those alone` : `${counts[bin]} images; click again for all`), el("span", {}, rewards.length ? format(high) : ""));
    const chosen = data.filter(group => filter === "flat" ? group.spread < FLAT : filter === "pictures" ? group.pictures.size : true)
      .filter(group => bin == null || group.rewards.some(v => binOf(v) === bin));
    if (order !== "slot") chosen.sort((a, b) => b[order] - a[order]);
    list.replaceChildren(...chosen.slice(0, shown).map(group => images(group, v => bin == null || binOf(v) === bin)));
    if (!chosen.length) list.append(el("p", { class: "soft" }, filter === "flat" ? "Every group of this step teaches something." : "No group of this step is like that."));
    more.hidden = chosen.length <= shown;
    more.textContent = `${chosen.length - shown} more groups`;
  }

  function images(group, inBin) {
    const { line } = group;
    const lag = line.lag == null ? "" : ` · lag ${line.lag}`;
    return el("div", { class: "group" },
      el("div", { class: "head" }, el("b", {}, line.prompt), el("span", {}, `spread ${format(group.spread)} · mean ${format(group.mean)} · policy ${line.policy} · critic ${line.critic}${lag}`),
        group.spread < FLAT ? el("span", { class: "bad" }, "teaches nothing") : null),
      el("div", { class: "images" }, ...group.rewards.map((reward, i) => {
        const picture = group.pictures.get(i), advantage = (line.advantages || [])[i];
        const tag = !picture ? "image " + i : !picture.kept ? "no longer kept" : picture.why === "group" ? "" : picture.why;
        group.marks[i] = el("span", { class: "mark " + (picture && picture.label || "") });
        const cell = el("div", { class: "image" + (inBin(reward) ? "" : " out") }, group.marks[i],
          shot(picture && picture.kept ? run.picture("pictures/" + picture.file, side(picture.width, SMALL)) : null, tag, { small: picture && picture.width <= 96, alt: `${line.prompt}, image ${i}`, open: () => open(group, i) }),
          el("div", {}, format(reward)),
          advantage == null ? null : el("div", { class: advantage > 0 ? "good" : advantage < 0 ? "bad" : "soft" }, (advantage > 0 ? "+" : "") + advantage.toFixed(2)));
        cells.set(cell, { group, i });
        return cell;
      })));
  }

  keys(mine, node, key => {
    const name = LABELS[key.toLowerCase()], to = zoom.isOpen(mine) ? large : pointed && pointed.isConnected && cells.get(pointed);
    if (name && to && mayJudge(run)) {
      label(to.group, to.i, name);
      return true;
    }
    const by = zoom.isOpen(mine) ? { ArrowLeft: -1, ArrowRight: 1 }[key] : 0;
    if (!by) return false;
    let i = large.i;
    do i += by; while (i >= 0 && i < large.group.rewards.length && !(large.group.pictures.get(i) || {}).kept);
    if (i >= 0 && i < large.group.rewards.length) open(large.group, i);
    return true;
  });

  function open(group, i) {
    large = { group, i, labels: el("p", { class: "controls" }) };
    const { line } = group, picture = group.pictures.get(i);
    const row = (name, value) => el("tr", {}, el("td", {}, name), el("td", { class: "number" }, format(value)));
    const rows = [row("reward", group.rewards[i]), row("advantage", (line.advantages || [])[i])];
    for (const [name, values] of [...Object.entries(line.leaves || {}), ...Object.entries(line.nodes || {})]) rows.push(row(name, (values || [])[i]));
    zoom.show(mine, { src: run.picture("pictures/" + picture.file, 0), small: picture.width <= 96, size: picture, title: line.prompt, places: picture.places,
      details: [el("p", { class: "soft" }, `step ${line.step}, group ${line.group}, image ${i}` + (picture.why === "group" ? "" : ": the " + picture.why + " of its group")), mayJudge(run) ? large.labels : null, el("table", {}, ...rows)].filter(Boolean) });
    mark(group, i);
  }

  return async now => {
    run = now;
    const mark = run.state.files["groups.jsonl"];
    if (!mark || mark.size === size) return;
    size = mark.size;
    const said = await json(run.base + "/groups");
    steps = said.steps;
    node.hidden = !steps.length;
    help.hidden = !mayJudge(run);
    if (node.hidden) return;
    const why = said.damaged ? `${said.damaged} line(s) of groups.jsonl are damaged and left out.` : run.has("pictures/index.jsonl") ? "" : "No pictures of training images were kept: see pictures.megabytes.";
    tell(why);
    if (at.follow && at.step !== steps[steps.length - 1] && !(zoom.isOpen(mine) || bin != null)) {
      at.step = steps[steps.length - 1];
      await load();
    } else when.set(steps.indexOf(at.step), steps.length, stepName(at.step));
  };
}
