// Holds dashboards to the types that Grafana is built with, and prints what does not fit.
//
//     NODE_PATH=target/tools/operations/node_modules node tests/operations/grafana.cjs FILE…
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const ts = require("typescript");

const TYPES = path.join(__dirname, "grafana.ts");

const options = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  target: ts.ScriptTarget.ES2022,
  types: [],
};

// Files that are there while they are checked: beside the packages, which are looked for from there.
const home = path.dirname(path.resolve(process.env.NODE_PATH));
const sources = new Map([[path.join(home, "grafana.ts"), fs.readFileSync(TYPES, "utf8")]]);
const dashboards = process.argv.slice(2).map((file, at) => {
  const source = path.join(home, `dashboard-${at}.ts`);
  const text = fs.readFileSync(file, "utf8");
  sources.set(source, `import type { Checked } from "./grafana";\nexport const dashboard: Checked = ${text};\n`);
  return source;
});

const host = ts.createCompilerHost(options);
const { fileExists, readFile, getSourceFile } = host;
host.fileExists = (file) => sources.has(file) || fileExists(file);
host.readFile = (file) => sources.get(file) ?? readFile(file);
host.getSourceFile = (file, ...rest) =>
  sources.has(file) ? ts.createSourceFile(file, sources.get(file), rest[0], true) : getSourceFile(file, ...rest);

const program = ts.createProgram(dashboards, options, host);
const found = ts.getPreEmitDiagnostics(program);
process.stdout.write(ts.formatDiagnostics(found, { ...host, getNewLine: () => "\n" }));
process.exitCode = found.length > 0 ? 1 : 0;
