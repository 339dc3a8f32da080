// What a person may have a run do. Only who opened the page by the address that the run printed has the token.
import { el } from "/dom.js";

const KEY = "atelier-token";
const given = location.hash.match(/^#token=([0-9a-f]+)$/);
if (given) {
  sessionStorage.setItem(KEY, given[1]); // of this tab alone
  history.replaceState(null, "", location.pathname + location.search);
}
const token = sessionStorage.getItem(KEY), WHO = "atelier-who";
const ALIVE = ["starting", "running", "paused", "stopping"];

/** Asks for something to be done; returns whether it is, and what the server says. */
export async function post(path, values) {
  try {
    const answer = await fetch(path + (values ? "?" + new URLSearchParams(values) : ""), { method: "POST", headers: { "X-Atelier-Token": token } });
    return [answer.ok, (await answer.text()).trim()];
  } catch {
    return [false, "the server does not answer"];
  }
}

/** Whether who looks may say what they think of a run's pictures. */
export const mayJudge = run => Boolean(token && run.state.judged);

/** The name that a person gave, and the field to give it in. */
export const who = () => localStorage.getItem(WHO) || "";
export const whoField = () => el("input", { name: "who", placeholder: "your name", "aria-label": "your name", size: 12, maxLength: 60, value: who(),
  onchange: event => localStorage.setItem(WHO, event.target.value.trim()) });

/** Buttons under the header, for a run of this server that goes on. */
export function actions() {
  const node = el("div", { class: "actions", hidden: true });
  document.getElementById("page").append(node);
  if (!token) return () => {};
  let run = null;
  const said = el("span", { class: "soft", role: "status" });
  const does = async (name, values) => {
    const [done, message] = await post(`${run.base}/act/${name}`, values);
    said.textContent = message;
    said.className = done ? "soft" : "bad";
  };
  const button = (text, name) => el("button", { onclick: () => does(name) }, text);
  const pause = button("pause", "pause"), resume = button("resume", "resume");
  const key = el("input", { name: "key", placeholder: "reward.jpeg.weight", "aria-label": "key", required: true });
  const value = el("input", { name: "value", placeholder: "0.5", "aria-label": "value", size: 8, required: true });
  const why = el("input", { name: "why", placeholder: "why", "aria-label": "why" });
  const amend = el("form", { onsubmit: event => {
    event.preventDefault();
    does("amend", { key: key.value.trim(), value: value.value.trim(), why: why.value.trim() });
  } }, key, value, why, el("button", {}, "from the next step on"));
  node.append(pause, resume, button("stop after this step", "stop"), button("checkpoint", "checkpoint"), button("evaluate now", "evaluate"),
    el("details", {}, el("summary", {}, "amend"), amend), said);
  return now => {
    run = now;
    node.hidden = !run.state.steered || !ALIVE.includes(run.state.state);
    pause.hidden = run.state.state === "paused";
    resume.hidden = !pause.hidden;
  };
}
