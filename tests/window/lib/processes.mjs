import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A free port of the loopback. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Starts a program in a process group of its own, its words in a log file. */
export function start(binary, args, { log, env = {} }) {
  const file = openSync(log, "a");
  const child = spawn(binary, args, {
    detached: true,
    stdio: ["ignore", file, file],
    env: { ...process.env, ...env },
  });
  child.on("error", (error) => (child.failed = error));
  return child;
}

/** Ends a program and what it started: asked first, then made to. */
export async function stop(child, signal = "SIGTERM") {
  if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  group(child.pid, signal);
  const insist = setTimeout(() => group(child.pid, "SIGKILL"), 5_000);
  await gone;
  clearTimeout(insist);
}

function group(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** Runs a program to its end and reads its JSON; its exit code and words are in the error. */
export async function json(binary, args, env = {}) {
  const { stdout } = await run(binary, args, { env: { ...process.env, ...env }, maxBuffer: 64 << 20 });
  return JSON.parse(stdout);
}

/** Asks again until the answer is true. */
export async function until(what, seconds, question) {
  const end = Date.now() + seconds * 1_000;
  let last;
  do {
    last = await question();
    if (last) return last;
    await sleep(100);
  } while (Date.now() < end);
  throw new Error(`${seconds} s went by, and still not: ${what}`);
}
