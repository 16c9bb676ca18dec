import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { json, start, stop, until } from "./processes.mjs";

/** A hub on the loopback, which may be stopped and started again on the same address. */
export class Hub {
  #child = null;
  #address = "127.0.0.1:0";

  constructor(binaries, folder) {
    this.binary = join(binaries, "officine-hub");
    this.folder = folder;
  }

  get url() {
    return `http://${this.#address}`;
  }

  async start() {
    const ready = join(this.folder, "hub.ready");
    rmSync(ready, { force: true });
    const args = ["serve", "--data", join(this.folder, "hub"), "--listen", this.#address, "--ready-file", ready];
    const child = start(this.binary, args, { log: join(this.folder, "hub.log") });
    this.#child = child;
    await until("the hub listens", 20, () => {
      if (child.failed ?? child.exitCode) throw new Error(`the hub ended: ${child.failed ?? child.exitCode}`);
      return existsSync(ready) && readFileSync(ready, "utf8").trim();
    });
    this.#address = readFileSync(ready, "utf8").trim().replace("http://", "");
  }

  async stop() {
    await stop(this.#child);
  }

  #ask(...args) {
    return json(this.binary, [args[0], "--data", join(this.folder, "hub"), ...args.slice(1), "--json"]);
  }

  async pharmacy() {
    this.uid ??= (await this.#ask("create-pharmacy", "--name", "Pharmacie du Grand Fromager")).pharmacy;
    return this.uid;
  }

  async code() {
    return (await this.#ask("enrolment-code", "--pharmacy", await this.pharmacy())).code;
  }

  /** What the hub's book says. */
  stock(pharmacy) {
    return this.#ask("stock", "--pharmacy", pharmacy);
  }
}
