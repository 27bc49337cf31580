// Bundles what the pages load into the folder given as the only argument, with every licence.
import { build } from "esbuild";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const out = process.argv[2];
if (!out) throw new Error("usage: node build.mjs FOLDER");
const own = import.meta.dirname;
const modules = join(own, "node_modules");

// Files that come bundled already.
const copies = {
  "htmx.js": "htmx.org/dist/htmx.min.js",
  "docs.js": "swagger-ui-dist/swagger-ui-bundle.js",
  "docs.css": "swagger-ui-dist/swagger-ui.css",
};

async function licences() {
  const lock = JSON.parse(await readFile(join(own, "package-lock.json"), "utf8"));
  const folder = join(out, "licences");
  await mkdir(folder, { recursive: true });
  const lines = [];
  for (const [place, about] of Object.entries(lock.packages)) {
    if (!place || about.dev || about.devOptional) continue;
    const name = place.split("node_modules/").pop();
    lines.push(`${name} ${about.version}: ${about.license ?? "see its file"}`);
    const found = (await readdir(join(own, place)).catch(() => [])).filter((file) => /^(licen[cs]e|notice)/i.test(file));
    for (const file of found) {
      const target = `${name.replace("/", "+")}-${file.replace(/\.(txt|md)$/i, "")}.txt`;
      await copyFile(join(own, place, file), join(folder, target));
    }
  }
  await writeFile(join(folder, "PACKAGES.txt"), [...new Set(lines)].sort().join("\n") + "\n");
  return new Set(lines).size;
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  absWorkingDir: own,
  entryPoints: ["entries/charts.js", "entries/graph.js", "entries/fonts.css"],
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome111", "firefox114", "safari16.4"],
  loader: { ".woff2": "file" },
  assetNames: "fonts/[name]-[hash]",
  legalComments: "inline",
  logLevel: "warning",
});
for (const [name, source] of Object.entries(copies)) await copyFile(join(modules, source), join(out, name));
console.log(`${Object.keys(copies).length + 3} files and ${await licences()} packages' licences`);
