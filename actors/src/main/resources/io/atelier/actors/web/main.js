// Which page it is: a run, several compared, or the list of all. Asks every two seconds for what is new.
import { actions } from "/actions.js";
import { compare } from "/compare.js";
import { curves } from "/curves.js";
import { isReport, Run, runs } from "/data.js";
import { el, format, percent } from "/dom.js";
import { groups } from "/groups.js";
import { judge } from "/judge.js";
import { anatomy, cluster } from "/machine.js";
import { alarms, better, header, ledger, settings, status, worth } from "/overview.js";
import { pictures } from "/pictures.js";
import { samples } from "/samples.js";

const EVERY = 2000;
const page = document.getElementById("page");
const trouble = el("div", { class: "notice ALARM", hidden: true });

/** Calls update now and every two seconds while somebody looks; says so if the server is gone. */
function poll(update) {
  let timer = null, busy = false;
  const once = async () => {
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    try {
      await update();
      trouble.hidden = true;
    } catch (e) {
      trouble.textContent = e instanceof TypeError ? "The server does not answer: it was ended, or the way to it is cut. This page goes on when it is back." : e.message;
      trouble.hidden = false;
      if (!(e instanceof TypeError)) console.warn(e);
    }
    busy = false;
    if (!document.hidden && !isReport) timer = setTimeout(once, EVERY);
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !isReport) once(); });
  return once();
}

async function onePage(id, several) {
  page.replaceChildren(trouble);
  const run = new Run(id);
  const parts = { header: header(several), actions: actions(), alarms: alarms(), better: better(), worth: worth(), pictures: pictures(), samples: samples(), groups: groups(), curves: curves(), cluster: cluster(), anatomy: anatomy(), ledger: ledger(), settings: settings() };
  let configured = null, alarmed = 0;
  await poll(async () => {
    const changed = await run.update();
    parts.header(run);
    parts.actions(run);
    const now = Date.now(), curves = changed.has("metrics") || changed.has("evaluations"), waits = [];
    if (curves) parts.better(run);
    parts.pictures(run, changed);
    parts.samples(run, changed);
    if (changed.has("metrics")) parts.curves(run);
    if (curves || now - alarmed > 5 * EVERY) {
      alarmed = now;
      waits.push(parts.alarms(run), parts.worth(run), parts.cluster(run), parts.anatomy(run), parts.ledger(run));
    }
    const files = JSON.stringify(run.state.files["config.conf"]) + Object.keys(run.state.files);
    if (files !== configured) {
      configured = files;
      waits.push(parts.settings(run));
    }
    await Promise.all([...waits, parts.groups(run)]);
  });
}

async function listPage(all) {
  const body = el("div"), picked = new Set();
  const go = el("button", { disabled: true, onclick: () => { location.search = "?compare=" + [...picked].join(","); } }, "compare");
  page.replaceChildren(trouble, el("h1", {}, "Runs"), el("p", { class: "soft" }, "Tick two to four to compare them."), body, el("p", {}, go));
  document.title = "Runs · Atelier";
  const choose = (id, on) => {
    if (on) picked.add(id); else picked.delete(id);
    go.disabled = picked.size < 2 || picked.size > 4;
  };
  const draw = list => {
    const row = run => el("tr", {}, el("td", {}, el("input", { type: "checkbox", checked: picked.has(run.id), "aria-label": "compare " + run.name, onchange: event => choose(run.id, event.target.checked) })),
      el("td", {}, el("a", { href: "/?run=" + run.id }, run.name), run.problems.length ? el("div", { class: "bad" }, run.problems.join("; ")) : null),
      el("td", {}, status(run.state)), el("td", {}, run.steps ? `${run.step} / ${run.steps}` : run.step), el("td", { class: "number" }, format(run.reward)),
      ...[["styleShare", percent], ["kidReference", format], ["retrievalTop1", percent]].map(([key, shown]) => el("td", { class: "number" }, shown((run.evaluation || {})[key]))),
      el("td", { class: "soft wide-only" }, run.changed ? new Date(run.changed).toLocaleString() : ""));
    body.replaceChildren(list.length ? el("div", { class: "card scroll" }, el("table", { class: "runs" },
      el("tr", {}, ...["", "run", "state", "step"].map(name => el("th", {}, name)), ...["reward", "style share", "kernel distance", "retrieval"].map(name => el("th", { class: "number" }, name)), el("th", { class: "wide-only" }, "last step")),
      ...list.map(row))) : el("p", {}, "No run is in these folders yet."));
  };
  draw(all);
  let before = JSON.stringify(all);
  await poll(async () => {
    const list = await runs(), now = JSON.stringify(list);
    if (now !== before) draw(list);
    before = now;
  });
}

const wanted = new URLSearchParams(location.search);
try {
  const all = await runs();
  if (wanted.get("compare")) {
    page.replaceChildren(trouble);
    const update = await compare(wanted.get("compare").split(",").filter(Boolean));
    await poll(update);
  } else if (wanted.get("judge")) {
    page.replaceChildren(trouble);
    await judge(wanted.get("judge").split(",").filter(Boolean));
  } else if (wanted.get("run") || all.length === 1) {
    await onePage(wanted.get("run") || all[0].id, all.length > 1);
  } else {
    await listPage(all);
  }
} catch (e) {
  page.replaceChildren(el("div", { class: "notice ALARM" }, e.message));
}
