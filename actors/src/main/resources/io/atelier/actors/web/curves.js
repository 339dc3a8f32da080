// All curves of a run, those of the critic first.
import { Chart } from "/chart.js";
import { el, section } from "/dom.js";

/** Charts that come into being as the keys of a run need them. */
class Charts {
  constructor(parent) {
    this.node = el("div", { class: "charts" });
    parent.append(this.node);
    this.byTitle = new Map();
  }

  set(table, keys, title, note, options) {
    if (!keys.some(key => table[key])) return false;
    if (!this.byTitle.has(title)) this.byTitle.set(title, new Chart(this.node, title, note, options));
    return this.byTitle.get(title).set(table, keys);
  }
}

const share = { range: [0, 1] };

export function curves() {
  const critic = section("The critic", "the opponent that learns with the policy"), training = section("Training"), machine = section("Time");
  const charts = [critic, training, machine].map(node => new Charts(node));
  const details = el("details", {}, el("summary", {}, "All other measurements"));
  const others = new Charts(details);
  training.append(details);
  let table = {}, rest = [];
  details.addEventListener("toggle", () => drawRest());

  function drawRest() {
    if (details.open) rest.forEach(key => others.set(table, [key], key));
  }

  return run => {
    table = run.metrics.columns();
    const names = Object.keys(table), taken = new Set(["step", "policy", "critic", "time", "elapsed"]);
    const of = prefix => names.filter(name => name.startsWith(prefix));
    const ofCritics = name => of("critic/").filter(key => key.endsWith("/" + name));
    const show = (where, title, note, keys, options) => {
      keys.forEach(key => taken.add(key));
      return charts[where].set(table, keys, title, note, options);
    };
    critic.hidden = ![
      show(0, "Accuracy", "0.5: references and images look alike to it; 1: it tells all of them apart", ofCritics("accuracy"), share),
      show(0, "References and images", "Mean logits of references (real) and of generated images (fake)", [...ofCritics("real"), ...ofCritics("fake")]),
      show(0, "Reference preferred", "How often its reward is higher for a reference than for an image of the same group", ofCritics("pair-accuracy"), share),
      show(0, "Steps of the head", "Optimizer steps on the groups of one learner step", ofCritics("head-steps")),
      show(0, "Loss", "Of the critic", ofCritics("loss")),
      show(0, "Agreement", "Mean correlation of critics' rewards within groups", ["critic/agreement"], { range: [-1, 1] }),
    ].some(Boolean);
    const rewards = of("reward/").filter(key => key !== "reward/zero-variance"), references = ofCritics("reward-reference");
    training.hidden = ![
      show(1, "Reward", "Mean over the images of a step; reward-reference: what reference images get", [...rewards.filter(key => key.split("/").length === 2), ...references]),
      show(1, "Parts of the rewards", "What they are made of", rewards.filter(key => key.split("/").length > 2)),
      show(1, "Groups that teach nothing", "Share of groups whose images all have one reward", ["reward/zero-variance"], share),
      show(1, "Distance from the base", "KL of the policy", ["policy/kl", "policy/approx-kl"]),
      show(1, "Gradient", "Its norm before clipping", ["policy/gradient-norm"]),
      show(1, "Clipped samples", "Share of ratios outside of the clip range", ["policy/clip-fraction"]),
      show(1, "Lag", "Versions between sampling and training", of("lag/")),
    ].some(Boolean);
    machine.hidden = ![
      show(2, "Idle", "Part of the time in which a role computed nothing", of("idle/"), share),
      show(2, "Seconds of a step", "", ["seconds"]),
      show(2, "Throughput", "Images a second", ["images-per-second"]),
    ].some(Boolean);
    rest = names.filter(name => !taken.has(name) && !name.startsWith("groups/"));
    details.hidden = !rest.length;
    drawRest();
  };
}
