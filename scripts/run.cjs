// `node scripts/run.cjs <command> …`: runs a command of this project with a Node and with dependencies that fit, and gets
// both first where they are missing. Without a command it only gets them.
// In syntax that every Node reads: whichever runs it must come to say that it is too old.
"use strict";

const major = Number(process.versions.node.split(".")[0]);
// From here on Node has fetch.
if (major < 18) {
  const required = require("../package.json").engines.node.replace(">=", "");
  console.error(
    "Node " +
      process.versions.node +
      " is too old, even to get a newer one. Fix: install Node " +
      required +
      " or newer from https://nodejs.org/en/download, put it first on the PATH and run the same command again.",
  );
  process.exit(1);
}
import("./bootstrap/main.js").then(function (bootstrap) {
  return bootstrap.main(process.argv.slice(2));
});
