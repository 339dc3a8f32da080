// Nodes and numbers. Text of a run is only ever put into text nodes.

/** A node: properties by name, class for its classes; children are nodes or text, null is left out. */
export function el(name, properties, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (value == null) continue;
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter(child => child != null));
  return node;
}

export function format(value) {
  if (value == null || typeof value !== "number") return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(3);
}

export const percent = value => value == null ? "–" : (100 * value).toFixed(0) + "%";

/** Two units at most, as the terminal has it: 2h10, 3m05, 40s. */
export function time(seconds) {
  const s = Math.max(0, Math.round(seconds)), pad = n => String(n).padStart(2, "0");
  if (s >= 3600) return Math.floor(s / 3600) + "h" + pad(Math.floor(s / 60) % 60);
  return s >= 60 ? Math.floor(s / 60) + "m" + pad(s % 60) : s + "s";
}

export const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export const mean = values => values.length ? values.reduce((a, v) => a + v, 0) / values.length : null;

/** Root of the mean square distance from the mean. */
export function spread(values) {
  const middle = mean(values);
  return values.length ? Math.sqrt(mean(values.map(v => (v - middle) ** 2))) : 0;
}

/** A section with a heading, hidden until it has something to show. */
export function section(title, note) {
  const node = el("section", { hidden: true }, el("h2", {}, title + " ", note ? el("small", {}, note) : null));
  document.getElementById("page").append(node);
  return node;
}

/** A slider with its label: calls moved(index) when a person moves it. */
export function slider(label, moved) {
  const input = el("input", { type: "range", min: 0, value: 0, "aria-label": label });
  const output = el("output");
  input.addEventListener("input", () => moved(+input.value));
  return {
    nodes: [output, input],
    set(index, count, text) {
      input.max = Math.max(0, count - 1);
      input.value = index;
      input.disabled = count < 2;
      output.textContent = text;
    },
  };
}

export function select(label, options, chosen) {
  const node = el("select", { "aria-label": label, onchange: () => { chosen(node.value); node.blur(); } },
    ...options.map(([value, text]) => el("option", { value }, text)));
  return node;
}
