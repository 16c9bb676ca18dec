// One sale in the real window, on the session that ./run has started. Exits 0 when till and hub agree on it.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { json } from "./lib/processes.mjs";
import { picture } from "./lib/screen.mjs";
import { quantities, sellable } from "./lib/stage.mjs";
import { Till } from "./lib/till.mjs";
import { Window } from "./lib/window.mjs";

const { BIN, DATA, PHARMACY, DISPLAY } = process.env;
const shots = join(DATA, "screenshots");
const till = new Till(BIN, join(DATA, "till"));

async function play(window) {
  const shot = (name) => picture(DISPLAY, join(shots, `${name}.png`));
  await window.see("pin-pad", 30);
  await shot("1-connexion");
  await window.signIn("ibrahima", "4444");
  const products = await sellable(till, 3);
  for (const product of products) await window.scan(product.code);
  await shot("2-vente");
  const { number } = await window.payExact();
  await shot("3-ticket");
  await window.showSync();
  const problem = await window.synchronise();
  await shot("4-synchronisation");
  return { number, problem, products: products.map((product) => product.product) };
}

/** The ticket's state, and base units of these products in both books. */
async function compare({ number, products }) {
  const sale = (await till.sales()).rows.find((row) => row.number === number);
  const args = ["--json", "--data", join(DATA, "hub"), "stock", "--pharmacy", PHARMACY];
  const [here, there] = await Promise.all([till.stock(), json(join(BIN, "officine-hub"), args)]);
  const sum = (lots) =>
    lots.filter((lot) => products.includes(lot.product)).reduce((all, lot) => all + lot.quantity, 0);
  const equal = JSON.stringify(quantities(here)) === JSON.stringify(quantities(there));
  return { verdict: sale?.state ?? "not on disk", here: sum(here), there: sum(there), equal };
}

mkdirSync(shots, { recursive: true });
let good = false;
const window = await Window.open({
  binary: join(BIN, "officine"),
  data: till.folder,
  display: DISPLAY,
  log: join(DATA, "session"),
});
try {
  const played = await play(window);
  const { verdict, here, there, equal } = await compare(played);
  good = verdict === "confirmed" && equal && !played.problem;
  console.log(`Screenshots: ${shots}`);
  console.log(
    `Ticket ${played.number}: ${verdict}${played.problem ? ` (${played.problem})` : ""}. ` +
      `Stock of what it sold: ${here} at the till, ${there} at the hub; ` +
      `${equal ? "every lot is the same in both books" : "the books DIFFER"}.`,
  );
} catch (error) {
  await picture(DISPLAY, join(shots, "failed.png")).catch(() => {});
  console.error(`The sale could not be played: ${error.message} (${join(shots, "failed.png")})`);
} finally {
  await window.close();
}
process.exitCode = good ? 0 : 1;
