// Reads documents with AsyncAPI's own parser and prints, as JSON, what it finds wrong with each of them.
//
//     NODE_PATH=target/tools/asyncapi/node_modules node tests/asyncapi/validate.cjs FILE…
"use strict";

const fs = require("node:fs");
const { Parser } = require("@asyncapi/parser");

const ERROR = 0;

async function main(files) {
  const parser = new Parser();
  const found = {};
  for (const file of files) {
    const { document, diagnostics } = await parser.parse(fs.readFileSync(file, "utf8"), { source: file });
    const errors = diagnostics.filter((one) => one.severity === ERROR);
    found[file] = errors.map((one) => `${one.path.join("/")}: ${one.message}`);
    if (!document && found[file].length === 0) {
      found[file].push("the parser gives no document, and no reason");
    }
  }
  process.stdout.write(JSON.stringify(found));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
