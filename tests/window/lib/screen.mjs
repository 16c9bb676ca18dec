import { openSync } from "node:fs";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { stop, until } from "./processes.mjs";

const run = promisify(execFile);
const COLOURS_OF_A_PAINTED_WINDOW = 50;

/** The display there is, or a virtual one that ends with the tests. */
export async function screen(folder) {
  if (process.env.DISPLAY) return { display: process.env.DISPLAY, close: async () => {} };
  const log = openSync(join(folder, "display.log"), "a");
  const args = ["-displayfd", "3", "-screen", "0", "1366x768x24", "-nolisten", "tcp"];
  const server = spawn("Xvfb", args, { detached: true, stdio: ["ignore", log, log, "pipe"] });
  const [number] = await once(server.stdio[3], "data");
  return { display: `:${String(number).trim()}`, close: () => stop(server) };
}

/** A picture of the screen, once something is painted on it and it has come to rest. */
export async function picture(display, file) {
  let before = 0;
  await until(`a picture of the window in ${file}`, 20, async () => {
    await run("import", ["-display", display, "-window", "root", file]);
    const { stdout } = await run("identify", ["-format", "%k", file]);
    const [colours, rested] = [Number(stdout), Number(stdout) === before];
    before = colours;
    return rested && colours > COLOURS_OF_A_PAINTED_WINDOW;
  });
  return file;
}
