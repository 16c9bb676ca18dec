import { join } from "node:path";
import { json } from "./processes.mjs";

/** A till's data folder, by its command line. */
export class Till {
  constructor(binaries, folder) {
    this.binary = join(binaries, "officine-till");
    this.folder = folder;
  }

  ask(...args) {
    return json(this.binary, ["--data", this.folder, "--json", ...args]);
  }

  enrol(hub, code, name) {
    return this.ask("enrol", "--hub", hub, "--code", code, "--name", name);
  }

  demo() {
    return this.ask("demo");
  }

  sync() {
    return this.ask("sync");
  }

  stock() {
    return this.ask("stock");
  }

  sales() {
    return this.ask("sales");
  }
}
