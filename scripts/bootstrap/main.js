import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { reasonOf, root, thisContext } from "./context.js";
import { InstallError, installDependencies } from "./dependencies.js";
import { nodeDirectory, NoNodeError } from "./find-node.js";

/**
 * Gets what is missing, then runs the command with it.
 * @param {readonly string[]} args
 */
export async function main([command, ...args]) {
  try {
    const context = thisContext();
    const running = { version: process.versions.node, path: process.execPath };
    const directory = await nodeDirectory(context, running);
    const environment = withPath(context.environment, directory);
    installDependencies(environment);
    if (command !== undefined) await runCommand(command, args, environment);
    else if (directory !== undefined) {
      context.log(
        `ready: begin commands with \`node scripts/run.cjs\`, or put ${directory} first on the PATH`,
      );
    }
  } catch (error) {
    if (!(error instanceof NoNodeError) && !(error instanceof InstallError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/**
 * The dependencies' programs, then the Node that fits, then what was there.
 * @param {NodeJS.ProcessEnv} environment
 * @param {string | undefined} directory
 */
function withPath(environment, directory) {
  const folders = (environment.PATH ?? "").split(delimiter);
  const programs = join(root, "node_modules", ".bin");
  const others = folders.filter((folder) => folder !== programs);
  const first = directory === undefined ? [programs] : [programs, directory];
  return { ...environment, PATH: [...first, ...others].join(delimiter) };
}

const passedOn = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * Ends as the command does: by its exit code, or by the signal that ended it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
async function runCommand(command, args, env) {
  /** @param {NodeJS.Signals} signal */
  const passOn = (signal) => {
    if (signal !== "SIGTERM" && isTerminals()) return;
    child.kill(signal);
  };
  // Before the command starts: it may already be told to stop by then.
  for (const signal of passedOn) process.on(signal, passOn);
  const child = spawn(command, args, { env, stdio: "inherit" });
  const [code, endedBy] = await new Promise((resolve) => {
    child
      .on("exit", (...how) => resolve(how))
      .on("error", (error) => {
        console.error(`${command} cannot be started (${reasonOf(error)})`);
        resolve([127, null]);
      });
  });
  for (const signal of passedOn) process.off(signal, passOn);
  if (endedBy !== null) process.kill(process.pid, endedBy);
  process.exitCode = code ?? 1;
}

/** Whether Ctrl-C reaches the command by itself, as it does every process in front of a terminal: twice would be too often. */
function isTerminals() {
  try {
    // Behind the program's name, which may hold anything.
    const fields = readFileSync("/proc/self/stat", "utf8").replace(/^.*\) /s, "");
    const [, , group, , , inFront] = fields.split(" ");
    return group === inFront;
  } catch {
    return process.stdin.isTTY;
  }
}
