import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Hub } from "./hub.mjs";
import { picture, screen } from "./screen.mjs";
import { Till } from "./till.mjs";
import { Window } from "./window.mjs";

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const BINARIES = process.env.OFFICINE_BIN_DIR ?? join(PROJECT, "target/debug");

/** A hub, a till with the demo pharmacy, and a screen to open its window on. */
export class Stage {
  #windows = [];

  /** `name` is the folder of the pictures, in test-results. */
  static async set(name, { programs = BINARIES } = {}) {
    const stage = new Stage();
    stage.programs = programs;
    stage.folder = mkdtempSync(join(tmpdir(), `officine-${name}-`));
    stage.pictures = join(PROJECT, "test-results", name);
    mkdirSync(stage.pictures, { recursive: true });
    stage.screen = await screen(stage.folder);
    stage.hub = new Hub(programs, stage.folder);
    await stage.hub.start();
    stage.pharmacy = await stage.hub.pharmacy();
    stage.till = new Till(programs, join(stage.folder, "till"));
    await stage.till.enrol(stage.hub.url, await stage.hub.code(), "Caisse 1");
    await stage.till.demo();
    await stage.till.sync();
    return stage;
  }

  async window(binary = join(this.programs, "officine")) {
    const { folder, till, screen } = this;
    const window = await Window.open({ binary, data: till.folder, display: screen.display, log: folder });
    this.#windows.push(window);
    return window;
  }

  shot(name) {
    return picture(this.screen.display, join(this.pictures, `${name}.png`));
  }

  /** What each book says, lots without stock left out. */
  async books() {
    const [till, hub] = await Promise.all([this.till.stock(), this.hub.stock(this.pharmacy)]);
    return { till: quantities(till), hub: quantities(hub) };
  }

  async strike() {
    for (const window of this.#windows) await window.close();
    await this.hub.stop();
    await this.screen.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Quantity by lot, out of `stock --json` of a till or of the hub. */
export function quantities(lots) {
  const rows = lots.filter((lot) => lot.quantity !== 0).map((lot) => [lot.batch, lot.quantity]);
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Products with plenty in several good lots: something to scan. */
export async function sellable(till, count) {
  const today = new Date().toISOString().slice(0, 10);
  const products = new Map();
  for (const lot of await till.stock()) {
    if (!lot.code || lot.blocked || (lot.expiry && lot.expiry < today)) continue;
    const known = products.get(lot.product) ?? { product: lot.product, code: lot.code, lots: 0, quantity: 0 };
    products.set(lot.product, { ...known, lots: known.lots + 1, quantity: known.quantity + lot.quantity });
  }
  const good = [...products.values()].filter((product) => product.lots > 1 && product.quantity >= 200);
  if (good.length < count) throw new Error(`only ${good.length} products to sell`);
  return good.slice(0, count);
}
