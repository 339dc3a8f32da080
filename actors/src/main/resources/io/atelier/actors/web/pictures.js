// The pictures of the evaluations: the same prompts and noise at every step.
import { isReport } from "/data.js";
import { el, section, select, slider } from "/dom.js";
import * as zoom from "/zoom.js";

const ROWS = 24;

/** A picture that opens large; what is no longer kept stays a grey place with a word. */
export function shot(source, tag, options = {}) {
  if (!source) return el("div", { class: "shot none" }, el("span", { class: "tag" }, tag));
  const image = el("img", { alt: options.alt || tag, loading: "lazy", decoding: "async", src: source });
  const node = el("button", { class: "shot" + (options.small ? " small" : "") + (options.now ? " now" : ""), onclick: options.open },
    image, el("span", { class: "tag" }, tag));
  image.addEventListener("error", () => node.replaceWith(shot(null, tag + ": no longer kept")), { once: true });
  return node;
}

export const stepName = step => step === 0 ? "base" : "step " + step;

/**
 * Keys of a part of the page, while it is in sight or its picture is large. Those who write into a field, press a button or
 * look at another picture are left alone.
 */
export function keys(mine, node, pressed) {
  document.addEventListener("keydown", event => {
    const target = event.target, field = target.closest && target.closest("input, select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey || field && field.type !== "range") return;
    if (event.key === " " && target.closest && target.closest("button:not(.shot), summary, a") && !zoom.isOpen(mine)) return;
    const { top, bottom, height } = node.getBoundingClientRect();
    const inSight = height > 0 && top < innerHeight - 80 && bottom > 80;
    if (zoom.isAnyOpen() ? !zoom.isOpen(mine) : !inSight) return;
    if (pressed(event.key)) event.preventDefault();
  });
}

/** Moves of the four arrows and space, over prompts from the first one (-1: all) and steps. Returns whether it was one. */
export function arrows(at, prompts, steps, key, first = -1) {
  const within = (value, low, high) => Math.max(low, Math.min(high, value));
  if (key === "ArrowLeft") at.prompt = within(at.prompt - 1, first, prompts - 1);
  else if (key === "ArrowRight") at.prompt = within(at.prompt + 1, first, prompts - 1);
  else if (key === "ArrowUp") at.step = within(at.step + 1, 0, steps - 1);
  else if (key === "ArrowDown") at.step = within(at.step - 1, 0, steps - 1);
  else if (key === " ") at.base = !at.base;
  else return false;
  if (key !== " ") at.base = false;
  return true;
}

export const KEY_HELP = [el("kbd", {}, "←"), " ", el("kbd", {}, "→"), " prompt  ", el("kbd", {}, "↑"), " ", el("kbd", {}, "↓"), " step  ", el("kbd", {}, "space"), " base"];

export const SMALL = devicePixelRatio > 1 ? 256 : 128;

/** The side to ask a picture of this width in, which no server need make smaller than it is. */
export const side = (width, wanted) => width <= wanted ? 0 : wanted;

export function pictures() {
  const node = section("Pictures", "the same prompts and noise at every step");
  const body = el("div"), controls = el("div", { class: "controls" }), mine = {}, at = { prompt: -1, step: 0, base: false };
  let run, all = { steps: [], prompts: [] }, follow = true, large = 0, known = "";
  const when = slider("training step", index => { at.step = index; at.base = false; draw(); });
  const blind = el("a", { hidden: true }, "judge blind"), which = el("span"), help = el("span", { class: "keys" }, ...KEY_HELP);
  node.append(el("div", { class: "card" }, controls, body));

  keys(mine, node, key => {
    const open = zoom.isOpen(mine), moved = open ? { ...at, prompt: large } : at;
    if (!all.steps.length || !arrows(moved, all.prompts.length, all.steps.length, key, open ? 0 : -1)) return false;
    if (open) {
      large = moved.prompt;
      at.step = moved.step;
      at.base = moved.base;
    }
    draw();
    if (open) enlarge(large);
    return true;
  });

  const file = (step, prompt) => (all.files.get(step) || [])[prompt];
  const isSmall = image => image && image.width <= 96;
  const current = () => at.base ? all.steps[0] : all.steps[at.step];

  /** The picture of a prompt at the current step, or one of its references. */
  function enlarge(prompt, reference) {
    const image = file(current(), prompt), name = reference || image && image.file;
    if (!name) return;
    large = prompt;
    zoom.show(mine, { src: run.picture("images/" + name, 0), small: !reference && isSmall(image), size: reference ? null : image, title: all.prompts[prompt],
      details: [el("p", {}, reference ? "a reference" : stepName(current())), el("p", { class: "keys" }, ...KEY_HELP.map(k => typeof k === "string" ? k : k.cloneNode(true)))],
      closed: () => { at.base = false; draw(); } });
  }

  function cell(prompt, step, wanted, now) {
    const image = file(step, prompt);
    const open = () => {
      at.base = step === all.steps[0] && step !== all.steps[at.step];
      if (!at.base) at.step = all.steps.indexOf(step);
      draw();
      enlarge(prompt);
    };
    return shot(image && run.picture("images/" + image.file, side(image.width, wanted)), stepName(step), { small: isSmall(image), now, alt: `${all.prompts[prompt]}, ${stepName(step)}`, open });
  }

  const refs = (prompt, wanted, most) => (all.references.get(all.prompts[prompt]) || []).slice(0, most)
    .map(name => shot(run.picture("images/" + name, wanted), "reference", { open: () => enlarge(prompt, name), alt: "a reference of " + all.prompts[prompt] }));

  function draw() {
    const step = current(), base = all.steps[0], several = all.steps.length > 1;
    follow = at.step === all.steps.length - 1;
    when.set(at.step, all.steps.length, stepName(step));
    which.firstChild.value = at.prompt;
    body.className = at.prompt < 0 ? "matrix" : "strip";
    if (at.prompt < 0) {
      body.replaceChildren(...all.prompts.map((prompt, i) => el("div", { class: "column" },
        several ? cell(i, base, SMALL) : null, cell(i, step, SMALL, several), ...refs(i, SMALL, 1), el("div", { class: "caption", title: prompt }, prompt))));
      return;
    }
    const count = Math.min(ROWS, all.steps.length), gap = (all.steps.length - 1) / Math.max(1, count - 1);
    const shown = new Set([step, ...Array.from({ length: count }, (_, i) => all.steps[Math.round(i * gap)])]);
    body.replaceChildren(...all.steps.filter(s => shown.has(s)).map(s => cell(at.prompt, s, 256, s === step)), ...refs(at.prompt, 256, 2));
  }

  /** Folders of older programs have a grid of all pictures for each step. */
  function grids() {
    const steps = run.state.grids.all || [];
    node.hidden = !steps.length;
    if (node.hidden) return;
    const figure = (step, name) => el("figure", {}, el("figcaption", {}, name),
      el("a", { href: run.grid(step), target: "_blank", rel: "noreferrer" }, el("img", { src: run.grid(step), alt: "pictures of " + name })));
    const show = index => {
      at.step = index;
      follow = index === steps.length - 1;
      moved.set(index, steps.length, stepName(steps[index]));
      body.replaceChildren(...steps[0] === 0 && steps.length > 1 ? [figure(0, "base")] : [], figure(steps[index], stepName(steps[index])));
    };
    const moved = slider("training step", show);
    controls.replaceChildren(...moved.nodes);
    body.className = "grids";
    node.querySelector("small").textContent = "this folder has no shown.jsonl: grids, not one by one";
    show(follow ? steps.length - 1 : Math.min(at.step, steps.length - 1));
  }

  /** Shows what is new; charts and pictures that are as they were stay. */
  return (now, changed) => {
    run = now;
    if (!run.has("shown.jsonl")) {
      const have = JSON.stringify(run.state.grids.all);
      if (have !== known) grids();
      known = have;
      return;
    }
    if (!(changed.has("shown") || changed.has("references"))) return;
    all = run.pictures();
    node.hidden = !all.steps.length;
    if (node.hidden) return;
    at.step = follow ? all.steps.length - 1 : Math.min(at.step, all.steps.length - 1);
    at.prompt = Math.min(at.prompt, all.prompts.length - 1);
    const prompts = JSON.stringify(all.prompts);
    if (prompts !== known) {
      which.replaceChildren(select("prompt", [[-1, `all ${all.prompts.length} prompts`], ...all.prompts.map((p, i) => [i, p.length > 60 ? p.slice(0, 60) + "…" : p])], value => { at.prompt = +value; draw(); }));
      controls.replaceChildren(which, ...when.nodes, help, blind);
      blind.href = "/?judge=" + run.id;
      node.querySelector("small").textContent = "the same prompts and noise at every step";
    }
    known = prompts;
    blind.hidden = all.steps.length < 2 || isReport;
    draw();
  };
}
