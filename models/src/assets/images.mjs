// Draws the emoji pack: captions.tsv and one uint8 tensor [concept, 64, 64, 3] for each style.
//
//   node images.mjs OUTPUT_FOLDER
//
// A concept is an emoji without skin tone that every style draws, flags left out, in Unicode's order.
// Styles are joined by code points without U+FE0F.

import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";
import sharp from "sharp";

const SIZE = 64;
const WHITE = "#ffffff";
const out = process.argv[2];
const require = createRequire(import.meta.url);
const packageFolder = (name) =>
  require.resolve.paths(name).map((p) => path.join(p, name)).find((p) => fs.existsSync(p));
const readJson = (name, file) =>
  JSON.parse(fs.readFileSync(path.join(packageFolder(name), file), "utf8"));

/** Code points in lower-case hexadecimal, joined by "-", without the variation selector. */
const key = (codePoints) =>
  codePoints.toLowerCase().split("-").filter((c) => c !== "fe0f").join("-");

/** SVG text of each concept of an Iconify set. */
function iconifySet(name) {
  const icons = readJson(name, "icons.json");
  const drawings = new Map();
  for (const [codePoints, iconName] of Object.entries(readJson(name, "chars.json"))) {
    const icon = icons.icons[iconName] ?? icons.icons[icons.aliases[iconName].parent];
    const width = icon.width ?? icons.width ?? 16;
    const height = icon.height ?? icons.height ?? 16;
    if (!drawings.has(key(codePoints))) {
      drawings.set(
        key(codePoints),
        `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ` +
          `width="${SIZE}" height="${SIZE}" viewBox="0 0 ${width} ${height}">${icon.body}</svg>`,
      );
    }
  }
  return drawings;
}

/** WebP file of each concept of the 3D set; of two, the first by file name. */
function webpSet(name) {
  const folder = path.join(packageFolder(name), "assets");
  const files = new Map();
  for (const file of fs.readdirSync(folder).sort()) {
    const k = key(file.replace(".webp", ""));
    if (!files.has(k)) {
      files.set(k, path.join(folder, file));
    }
  }
  return files;
}

/** An image of SIZE x SIZE pixels on white, with at most 256 colours. */
async function draw(source) {
  const png = await sharp(source)
    .resize(SIZE, SIZE)
    .flatten({ background: WHITE })
    .png({ palette: true })
    .toBuffer();
  return sharp(png).removeAlpha().raw().toBuffer();
}

/** As resvg sees it; it aborts on one icon of Noto, which sharp draws by librsvg. */
const byResvg = (svg) => new Resvg(svg).render().asPng();

const flat = iconifySet("@iconify-json/fluent-emoji-flat");
const noto = iconifySet("@iconify-json/noto");
const three = webpSet("@lobehub/fluent-emoji-3d");

const { groups, subgroups } = readJson("emojibase-data", "en/messages.json");
const names = (list) => new Map(list.map((g) => [g.order, g.key]));
const groupName = names(groups);
const subgroupName = names(subgroups);
const concepts = readJson("emojibase-data", "en/data.json")
  .filter((e) => e.group !== undefined && groupName.get(e.group) !== "flags")
  .filter((e) => [flat, noto, three].every((set) => set.has(key(e.hexcode))))
  .sort((a, b) => a.order - b.order);

const rows = concepts.map((e, i) =>
  [
    i,
    key(e.hexcode),
    e.label,
    (e.tags ?? []).join(","),
    groupName.get(e.group),
    subgroupName.get(e.subgroup),
  ].join("\t"),
);
fs.writeFileSync(path.join(out, "captions.tsv"), rows.join("\n") + "\n");

const styles = {
  fluentflat: (k) => byResvg(flat.get(k)),
  fluent3d: (k) => three.get(k),
  noto: (k) => Buffer.from(noto.get(k)),
};
for (const [style, source] of Object.entries(styles)) {
  const tensor = [];
  for (const e of concepts) {
    const image = await draw(source(key(e.hexcode)));
    if (image.length !== SIZE * SIZE * 3) {
      throw new Error(`${style} ${e.hexcode}: ${image.length} bytes instead of ${SIZE * SIZE * 3}`);
    }
    tensor.push(image);
  }
  fs.writeFileSync(path.join(out, `${style}-${SIZE}.u8`), Buffer.concat(tensor));
  console.log(`drew ${tensor.length} concepts of ${style}`);
}
