// Which of two is better: pictures of one prompt and noise, of which nobody who judges sees whose they are.
import { mayJudge, post, who, whoField } from "/actions.js";
import { json, Run } from "/data.js";
import { el, format, percent, section } from "/dom.js";
import { keys } from "/pictures.js";

const SAY = { ArrowLeft: "left", ArrowDown: "tie", ArrowRight: "right" };

export async function judge(ids) {
  const [run, other] = ids.slice(0, 2).map(id => new Run(id));
  run.state = await json(run.base + "/state");
  document.title = "Judge · Atelier";
  document.getElementById("page").append(el("a", { class: "back", href: other ? "/?compare=" + ids.join(",") : "/?run=" + run.id }, "← back"), el("h1", {}, "Which is better?"));
  const mine = {}, node = section("Pairs", "the same prompt and noise; the sides are drawn anew for each pair"), name = whoField();
  node.hidden = false;
  const prompt = el("p", { class: "asked" }), duel = el("div", { class: "duel" }), said = el("span", { class: "soft", role: "status" });
  const button = (text, key) => el("button", { onclick: () => say(key) }, text);
  const three = [button("← left", "ArrowLeft"), button("↓ neither", "ArrowDown"), button("right →", "ArrowRight")], buttons = el("div", { class: "controls" }, ...three, name, said);
  const table = el("div", { class: "scroll" }), result = el("details", { ontoggle: () => { if (result.open) results(); else table.replaceChildren(); } }, el("summary", {}, "Result so far: tells what you are comparing"), table);
  node.append(el("div", { class: "card" }, prompt, duel, buttons), result);
  let pair = null, begun = null, ready = false;
  const be = now => { ready = now; three.forEach(one => { one.disabled = !now; }); };

  /** Asks for the next pair; nothing can be said of it before both pictures are seen. */
  async function next() {
    be(false);
    const [done, text] = await post(run.base + "/pair", { other: other ? other.id : "", who: who(), duel: begun || "" });
    pair = done ? JSON.parse(text) : {};
    begun = pair.duel;
    const over = !pair.ticket;
    prompt.textContent = !done ? text : over ? (pair.of ? "All pairs are judged. Thank you." : "There are no pairs.") : pair.prompt;
    said.textContent = done ? `${pair.number} of ${pair.of} judged` : "";
    const images = over ? [] : ["left", "right"].map(side => el("img", { src: pair[side], alt: side, class: pair.width <= 96 ? "small" : null }));
    duel.replaceChildren(...images);
    try {
      await Promise.all(images.map(image => image.decode()));
      be(!over);
    } catch {
      said.textContent = "a picture of this pair cannot be shown";
    }
  }

  async function say(key) {
    if (!ready) return;
    be(false);
    const [done, text] = await post(run.base + "/vote", { ticket: pair.ticket, say: SAY[key] });
    await next();
    if (!done) said.textContent = text;
    if (result.open) await results();
  }

  async function results() {
    let rows;
    try {
      rows = await json(run.base + "/votes");
    } catch (e) {
      table.replaceChildren(el("p", { class: "bad" }, e.message));
      return;
    }
    const cells = row => [row.a, row.b, row.who == null ? "all" : row.who || "no name", row.wins, row.losses, row.ties, percent(row.share), row.low == null ? "–" : `${percent(row.low)} to ${percent(row.high)}`,
      format(row.signTest), row.repeats ? `${row.same} of ${row.repeats}` : "–", row.pairsToGo ? row.pairsToGo + " more" : "reached"];
    table.replaceChildren(rows.length ? el("table", {}, el("tr", {}, ...["first", "second", "who", "first better", "second better", "ties", "first wins", "95 %", "sign test p", "same again", "for ±10 points"].map(head => el("th", {}, head))),
      ...rows.map(row => el("tr", {}, ...cells(row).map(cell => el("td", {}, cell))))) : el("p", { class: "soft" }, "Nobody has judged yet."));
  }

  name.addEventListener("change", () => { begun = null; next(); });
  keys(mine, node, key => {
    if (SAY[key]) say(key);
    return key in SAY;
  });
  buttons.hidden = !mayJudge(run);
  if (mayJudge(run)) await next();
  else prompt.textContent = "Who may judge has the address with the token, which was printed at the start, and a folder that can be written to.";
}
