// What the run runs on, and what its time goes into.
import { json } from "/data.js";
import { css, el, percent, section } from "/dom.js";

const COLOURS = { queue: "#b9b4a6", generate: "#3f74e8", hold: "#a3a9b5", transfer: "#7fb3d5", encode: "#a04bc4", score: "#d9822b", wait: "#8a8577", train: "#1a9e6b" };
const SAYS = { queue: "queue: waits for a rollout worker", hold: "hold: waits for a reward worker", wait: "wait: for the rest of its step, or the step before" };
const ROW = 7, PHONE = 4;
const short = hash => (hash || "").slice(0, 12) || "–";
const head = (...names) => el("tr", {}, ...names.map(name => el("th", {}, name)));
const row = (...cells) => el("tr", {}, ...cells.map(cell => el("td", {}, cell)));

/** Who works, what each holds and does, while the server of this page runs the run. */
export function cluster() {
  const node = section("Cluster"), card = el("div", { class: "card" });
  node.id = "cluster";
  node.append(card);
  return async run => {
    const said = run.state.steered ? await json(run.base + "/status") : {};
    const now = said.run;
    node.hidden = !now;
    if (node.hidden) return;
    const idle = Object.entries(now.recent.idle).map(([role, share]) => `${role} ${percent(share)}`).join(" · ");
    const weights = (name, { newest, hash, versions }) => newest < 0 ? `${name}: none yet` : `${name} ${newest} is ${short(hash)}, ${versions} held`;
    const hash = worker => worker.version < 0 ? "–" : el("span", { class: worker.hash === (worker.role === "rollout" ? now.policy : now.critic).hash ? null : "soft", title: worker.hash }, `${worker.version} ${short(worker.hash)}`);
    const waits = now.waiting.concat(now.troubles.silentNodes ? [`${now.troubles.silentNodes} time(s) a node fell silent`] : []);
    card.replaceChildren(
      el("p", { class: "note" }, [now.leader && `led by ${now.leader}, conductor ${now.epoch}`, idle && "idle: " + idle, weights("policy", now.policy), weights("critic", now.critic), ...waits].filter(Boolean).join(" · ")),
      el("div", { class: "scroll" }, el("table", { class: "wide" }, head("worker", "does", "version it holds"),
        ...now.workers.map(w => row(w.name, (w.state === "gone" ? "gone: " : "") + w.does + (w.lease ? ` ${w.lease}` : "") + (w.millis > 2000 ? ` for ${Math.round(w.millis / 1000)}s` : ""), hash(w))),
        ...now.helpers.map(h => row(h.role + (h.node ? "@" + h.node : ""), h.does, `${h.done} done`)))),
      el("div", { class: "scroll" }, el("table", { class: "wide" }, head("node", "workers for", "computes on"),
        ...now.nodes.map(n => row(n.node || "this process", n.workersFor.join(", ") || "none", [n.gone ? "gone" : n.computing, ...n.setAside].filter(Boolean).join("; "))))));
  };
}

/** A bar for each of the last groups, and the sentence that says what holds the run up. */
export function anatomy() {
  const node = section("Anatomy of a step", "what the time of the last groups went into"), canvas = el("canvas", { role: "img" });
  const sentence = el("p", {}), legend = el("p", { class: "legend" }), card = el("div", { class: "card" }, sentence, legend, canvas);
  let groups = [];
  node.id = "anatomy";
  node.append(card);
  const whole = group => Object.keys(COLOURS).reduce((sum, part) => sum + (group.seconds[part] || 0), 0);

  function draw() {
    const width = card.clientWidth - 34, high = width < 400 ? PHONE : ROW, scale = window.devicePixelRatio || 1, most = Math.max(...groups.map(whole));
    if (!(width > 0 && most > 0)) return;
    canvas.width = width * scale;
    canvas.height = (groups.length * high + 22) * scale;
    canvas.style.width = width + "px";
    const paint = canvas.getContext("2d");
    paint.scale(scale, scale);
    groups.forEach((group, i) => {
      let x = 0;
      for (const part in COLOURS) {
        const w = (group.seconds[part] || 0) / most * width;
        paint.fillStyle = COLOURS[part];
        paint.fillRect(x, i * high, w, high - 1);
        x += w;
      }
    });
    paint.fillStyle = css("--soft");
    paint.font = "12px system-ui";
    paint.fillText(`0 s, step ${groups[0].step} above`, 0, groups.length * high + 16);
    paint.textAlign = "right";
    paint.fillText(`${most.toFixed(1)} s, step ${groups[groups.length - 1].step} below`, width, groups.length * high + 16);
  }

  new ResizeObserver(draw).observe(card);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  return async run => {
    if (!run.has("groups.jsonl")) return;
    const said = await json(run.base + "/anatomy");
    groups = said.groups.filter(group => whole(group) > 0);
    node.hidden = !groups.length;
    sentence.textContent = said.sentence || "";
    sentence.hidden = !said.sentence;
    legend.replaceChildren(...said.parts.map(part => {
      const colour = el("i");
      colour.style.background = COLOURS[part.name];
      return el("span", {}, colour, `${SAYS[part.name] || part.name} ${percent(part.share)}`);
    }));
    canvas.setAttribute("aria-label", `${groups.length} groups by what their time went into`);
    if (!node.hidden) draw();
  };
}

const PERFETTO = "https://ui.perfetto.dev";

/** Opens another site, and hands it the trace once it answers; nothing is sent before. */
export function trace(run) {
  return el("button", { title: "needs the internet: opens ui.perfetto.dev, which shows the trace in this browser", onclick: () => {
    const other = window.open(PERFETTO);
    if (!other) return;
    const knock = setInterval(() => other.closed ? clearInterval(knock) : other.postMessage("PING", PERFETTO), 200);
    window.addEventListener("message", async function answer(event) {
      if (event.source !== other || event.origin !== PERFETTO || event.data !== "PONG") return;
      clearInterval(knock);
      window.removeEventListener("message", answer);
      const buffer = await (await fetch(run.base + "/file/trace.json")).arrayBuffer();
      other.postMessage({ perfetto: { buffer, title: run.state.name } }, PERFETTO);
    });
  } }, "open the trace in Perfetto (internet)");
}
