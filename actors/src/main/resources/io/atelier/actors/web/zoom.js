// One picture, large, with what is known of it; maps of places lie over it.
import { el } from "/dom.js";

const stage = el("div", { class: "stage" }), side = el("div", { class: "side" }), title = el("b");
const dialog = el("dialog", { class: "zoom" },
  el("div", { class: "top" }, title, el("button", { onclick: () => dialog.close() }, "close")),
  el("div", { class: "body" }, stage, side));
document.body.append(dialog);
dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
let owner = null, closed = null;
dialog.addEventListener("close", () => {
  owner = null;
  if (closed) closed();
});

/** Whether a picture of this owner is shown. */
export const isOpen = who => dialog.open && owner === who;

/** Whether any is. */
export const isAnyOpen = () => dialog.open;

/**
 * Shows a picture: { src, small, size: {width, height}, title, details: nodes, places: {critic: {map: {rows, columns, logits}}}, closed: what to
 * do when it is closed }.
 */
export function show(who, picture) {
  owner = who;
  closed = picture.closed;
  title.textContent = picture.title;
  const image = el("img", { src: picture.src, alt: picture.title, class: picture.small ? "small" : null });
  if (picture.size && picture.size.width > 0) image.style.aspectRatio = picture.size.width + " / " + picture.size.height;
  const canvas = el("canvas", { hidden: true });
  stage.replaceChildren(image, canvas);
  side.replaceChildren(...(picture.details || []));
  const maps = [];
  for (const [critic, named] of Object.entries(picture.places || {})) {
    for (const [name, map] of Object.entries(named || {})) {
      if (map && map.rows > 0 && map.columns > 0 && Array.isArray(map.logits)) maps.push([critic + " · " + name, map]);
    }
  }
  if (maps.length) side.append(layers(maps, canvas));
  if (!dialog.open) dialog.showModal();
}

/** A button for each map, of which one lies over the picture. */
function layers(maps, canvas) {
  const scale = el("p", { class: "soft" });
  const buttons = [["none", null], ...maps].map(([name, map]) => el("button", {
    "aria-pressed": "false",
    onclick: event => {
      buttons.forEach(button => button.setAttribute("aria-pressed", String(button === event.target)));
      canvas.hidden = !map;
      scale.textContent = map ? draw(canvas, map) : "";
    },
  }, name));
  const node = el("div", {}, el("h3", {}, "Places"), el("div", { class: "controls" }, ...buttons), scale);
  buttons[1].click();
  return node;
}

/** Orange where a place looks like a reference to the critic, blue where it looks generated. */
function draw(canvas, { rows, columns, logits }) {
  canvas.width = columns;
  canvas.height = rows;
  const known = logits.filter(v => v != null), most = Math.max(1e-9, ...known.map(Math.abs));
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, columns, rows);
  logits.slice(0, rows * columns).forEach((logit, i) => {
    if (logit == null) return;
    const strength = Math.min(1, Math.abs(logit) / most);
    context.fillStyle = logit > 0 ? `rgba(255, 140, 26, ${.7 * strength})` : `rgba(40, 90, 255, ${.7 * strength})`;
    context.fillRect(i % columns, Math.floor(i / columns), 1, 1);
  });
  if (!known.length) return "none of its places was drawn for scoring";
  return `logits from ${Math.min(...known).toFixed(2)} to ${Math.max(...known).toFixed(2)}: orange looks like a reference to the critic, blue looks generated`;
}
