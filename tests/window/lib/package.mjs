import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const run = async (...words) => (await execute(words[0], words.slice(1))).stdout.trim();
const dpkg = (...args) => run("dpkg", ...args);

/** The package of this version and the next one, oldest first. */
export async function packages(folder) {
  const found = readdirSync(folder).filter((name) => name.endsWith(".deb"));
  const each = found.map(async (name) => {
    const file = join(folder, name);
    const [version, title] = await Promise.all([run("dpkg-deb", "-f", file, "Version"), run("dpkg-deb", "-f", file, "Package")]);
    return { file, version, name: title, bytes: statSync(file).size };
  });
  return (await Promise.all(each)).sort((a, b) => a.version.localeCompare(b.version, "en", { numeric: true }));
}

/**
 * Where packages are put: the system itself, where this is root and Officine is not there already; else a folder of
 * their own, so that nobody's till is touched.
 */
export class Place {
  static async find(name) {
    const status = await run("dpkg-query", "-W", "-f", "${db:Status-Status}", name).catch(() => "");
    const system = process.getuid() === 0 && status !== "installed";
    return new Place(name, system ? "/" : mkdtempSync(join(tmpdir(), "officine-root-")));
  }

  constructor(name, root) {
    this.name = name;
    this.root = root;
    this.system = root === "/";
  }

  get programs() {
    return join(this.root, "usr/bin");
  }

  install(deb) {
    return this.system ? dpkg("-i", deb.file) : dpkg("-x", deb.file, this.root);
  }

  /** The version installed, as dpkg says, or the program itself. */
  async version() {
    if (this.system) return run("dpkg-query", "-W", "-f", "${Version}", this.name);
    return null;
  }

  async leave() {
    if (this.system) await dpkg("-r", this.name);
    else rmSync(this.root, { recursive: true, force: true });
  }
}
