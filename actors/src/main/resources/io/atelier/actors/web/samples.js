// Prompts of people's own, drawn with the base and with the run as it is, from the same noise.
import { mayJudge, post } from "/actions.js";
import { isReport } from "/data.js";
import { el, section } from "/dom.js";
import { shot, side, SMALL } from "/pictures.js";
import * as zoom from "/zoom.js";

const SHOWN = 6;

export function samples() {
  const node = section("Your own prompts", "by the base and by the newest checkpoint, from the same noise"), mine = {};
  const said = el("span", { class: "soft", role: "status" }), body = el("div");
  const prompt = el("input", { name: "prompt", placeholder: "a prompt", "aria-label": "prompt", required: true, size: 40, maxLength: 2000 });
  const seed = el("input", { name: "seed", placeholder: "seed", "aria-label": "seed", size: 8, pattern: "[0-9]{1,20}" });
  const draw = el("button", {}, "draw");
  let run, known = "";
  const form = el("form", { class: "controls", onsubmit: async event => {
    event.preventDefault();
    draw.disabled = true;
    const [done, message] = await post(run.base + (run.state.sampling.drawing ? "/sample/stop" : "/sample"), { prompt: prompt.value.trim(), seed: seed.value.trim() });
    say(message, done);
    draw.disabled = false;
  } }, prompt, seed, draw, said);
  node.append(el("div", { class: "card" }, form, body));
  const say = (text, good) => {
    said.textContent = text;
    said.className = good ? "soft" : "bad";
  };

  const row = (sample, base, tag) => el("div", { class: "strip" }, ...sample.images.filter(image => image.base === base).map(({ file }, i) => shot(run.picture(file, side(sample.width, SMALL)), tag, { small: sample.width <= 96, alt: `${sample.prompt}, ${tag}`,
    open: () => zoom.show(mine, { src: run.picture(file, 0), small: sample.width <= 96, size: sample, title: sample.prompt, details: [el("p", {}, `${tag}, image ${i + 1}, seed ${sample.seed}`)] }) })));
  const both = sample => el("div", { class: "sample" }, el("h3", {}, sample.prompt), row(sample, true, "base"), row(sample, false, "step " + sample.checkpoint));

  return (now, changed) => {
    run = now;
    const { drawing, failure, begun } = run.state.sampling || {}, all = run.samples.others;
    form.hidden = !mayJudge(run);
    node.hidden = isReport || (form.hidden && !all.length);
    if (changed.has("samples")) body.replaceChildren(...all.slice(-SHOWN).reverse().map(both));
    const state = JSON.stringify([drawing, failure, begun]);
    if (state === known) return;
    known = state;
    prompt.required = !drawing;
    draw.textContent = drawing ? "stop" : "draw";
    if (drawing) say(`drawing "${drawing}"`, true);
    else if (failure) say(failure, false);
    else say("", true);
  };
}
