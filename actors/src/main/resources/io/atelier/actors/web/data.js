// What the server has of the runs. Files of lines are read once, and then what is new at their ends.

const written = document.getElementById("report"), report = written && JSON.parse(written.textContent);

/** Whether this page is a file, which has the answers of a server within, and small pictures. */
export const isReport = Boolean(report);

async function ask(path, options) {
  if (!report) return fetch(path, options);
  const known = report.answers[path];
  return known == null ? new Response("not in this report", { status: 404 }) : new Response(typeof known === "string" ? known : JSON.stringify(known));
}

export async function json(path) {
  const answer = await ask(path);
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}

export const runs = () => json("/runs");

/** A file of JSON lines with a step each, while it grows. */
class Lines {
  constructor(path) {
    this.path = path;
    this.reset();
  }

  reset() {
    this.key = null;
    this.offset = 0;
    this.damaged = 0;
    this.byStep = new Map();
    this.others = [];
    this.table = null;
  }

  /** @param mark which file it is and its size, undefined if there is none. Returns whether something is new. */
  async update(mark) {
    if (!mark) {
      const had = this.key != null;
      this.reset();
      return had;
    }
    if (this.key !== mark.key || mark.size < this.offset) this.reset();
    this.key = mark.key;
    if (mark.size === this.offset) return false;
    const answer = await ask(this.path, { headers: { Range: `bytes=${this.offset}-` }, cache: "no-store" });
    if (!answer.ok) throw new Error((await answer.text()).trim());
    let bytes = new Uint8Array(await answer.arrayBuffer());
    if (answer.status === 200 && this.offset) bytes = bytes.subarray(this.offset);
    const end = bytes.lastIndexOf(10) + 1; // a last line may be cut off
    if (!end) return false;
    this.offset += end;
    for (const line of new TextDecoder().decode(bytes.subarray(0, end)).split("\n")) {
      if (!line) continue;
      try {
        const value = JSON.parse(line);
        if (Number.isInteger(value.step)) this.byStep.set(value.step, value);
        else this.others.push(value);
      } catch (e) {
        this.damaged++;
      }
    }
    this.table = null;
    return true;
  }

  /** Lines in the order of their steps; of two of one step the later one. */
  rows() {
    return [...this.byStep.values()].sort((a, b) => a.step - b.step);
  }

  /** The same as columns of equal length, null where there is no number. */
  columns() {
    if (this.table) return this.table;
    const rows = this.rows(), table = {};
    rows.forEach((row, i) => {
      for (const key in row) {
        if (typeof row[key] !== "number") continue;
        (table[key] = table[key] || new Array(rows.length).fill(null))[i] = row[key];
      }
    });
    return this.table = table;
  }

  last() {
    return this.byStep.size ? this.byStep.get(Math.max(...this.byStep.keys())) : {};
  }
}

/** One run, kept up to date. */
export class Run {
  constructor(id) {
    this.id = id;
    this.base = "/run/" + id;
    this.state = { files: {}, grids: {}, problems: [] };
    const lines = name => new Lines(this.base + "/file/" + name);
    this.metrics = lines("metrics.jsonl");
    this.evaluations = lines("evaluations.jsonl");
    this.shown = lines("shown.jsonl");
    this.references = lines("references.jsonl");
    this.samples = lines("samples.jsonl");
  }

  /** Asks for what is new; returns names of what changed. */
  async update() {
    const before = JSON.stringify([this.state.files, this.state.grids]);
    this.state = await json(this.base + "/state");
    const changed = new Set();
    for (const name of ["metrics", "evaluations", "shown", "references", "samples"]) {
      if (await this[name].update(this.state.files[name + ".jsonl"])) changed.add(name);
    }
    if (before !== JSON.stringify([this.state.files, this.state.grids])) changed.add("files");
    return changed;
  }

  has(file) {
    return file in this.state.files;
  }

  /** @param side of 64, 128, 256, 512 for a small one; 0 for the picture itself. Nothing where it is not in a report. */
  picture(name, side) {
    if (report) return report.pictures[name];
    return this.base + "/image/" + name.split("/").map(encodeURIComponent).join("/") + (side ? "?w=" + side : "");
  }

  /** Where a file of the run is read as it is: a report lies beside it. */
  link(name) {
    return report ? name : `${this.base}/file/${name}`;
  }

  async text(name) {
    return (await ask(`${this.base}/file/${name}`)).text();
  }

  /** Prompts of the evaluations' pictures, and of each step the files by prompt. */
  pictures() {
    const steps = [], files = new Map();
    let prompts = [];
    for (const row of this.shown.rows()) {
      if (!Array.isArray(row.images) || !row.images.length) continue;
      steps.push(row.step);
      files.set(row.step, row.images);
      prompts = row.images.map(image => String(image.prompt));
    }
    const references = new Map(this.references.others.map(line => [line.prompt, line.files || []]));
    return { steps, files, prompts, references };
  }

  grid(step, kind) {
    return this.picture("images/" + (kind ? kind + "-" : "") + "step-" + String(step).padStart(6, "0") + ".png");
  }
}

/** Means of five values that end at each one, as the terminal and the report have them. */
export function smooth(values) {
  return values.map((v, i) => {
    const part = values.slice(Math.max(0, i - 4), i + 1).filter(x => x != null);
    return part.length ? part.reduce((a, x) => a + x, 0) / part.length : null;
  });
}

/** Columns over all steps of several tables: each a table, its key, and the key here. */
export function together(parts) {
  const steps = [...new Set(parts.flatMap(part => part.table.step || []))].sort((a, b) => a - b);
  const joined = { step: steps }, at = new Map(steps.map((step, i) => [step, i]));
  for (const { table, key, name, values } of parts) {
    const column = values || table[key];
    if (!column) continue;
    joined[name] = new Array(steps.length).fill(null);
    table.step.forEach((step, i) => { joined[name][at.get(step)] = column[i]; });
  }
  return joined;
}
