import type { ListProductsArgs } from "../../contract/ListProductsArgs";
import type { ProductHit } from "../../contract/ProductHit";
import type { ProductsPage } from "../../contract/ProductsPage";
import type { ProductView } from "../../contract/ProductView";
import { fold } from "../../lib/marked";
import { inConflict } from "./conflicts";
import { fefo, hitOf, lotView, productOf } from "./stock";
import { refuse, type Product, type World } from "./world";

function matches(product: Product, text: string): boolean {
  const words = fold(`${product.name} ${product.dci} ${product.detail}`).split(/[^a-z0-9,]+/);
  return fold(text)
    .split(/\s+/)
    .filter(Boolean)
    .every(
      (typed) =>
        words.some((word) => word.startsWith(typed)) ||
        product.codes.some((known) => known.code.startsWith(typed)),
    );
}

/** With the mark of a row whose conflict waits. */
const marked = <T extends { uid: string }>(world: World, row: T): T & { conflict: boolean } => ({
  ...row,
  conflict: inConflict(world, row.uid),
});

const RANK = { sellable: 0, expiringSoon: 0, unpriced: 1, withheld: 2, outOfStock: 3 };

export function search(world: World, text: string, limit: number): ProductHit[] {
  return world.products
    .filter((product) => matches(product, text))
    .map(hitOf)
    .sort((a, b) => RANK[a.standing] - RANK[b.standing])
    .slice(0, limit);
}

export function listProducts(world: World, args: ListProductsArgs): ProductsPage {
  const rows = world.products
    .filter((product) => matches(product, args.text))
    .map((product) => marked(world, hitOf(product)))
    .filter((hit) => args.standing === null || hit.standing === args.standing)
    .sort((a, b) => a.name.localeCompare(b.name, "fr"));
  return { rows: rows.slice(args.offset, args.offset + args.limit), total: rows.length };
}

export function productView(world: World, uid: string): ProductView {
  const product = productOf(world, uid);
  const sellable = fefo(product);
  const others = product.lots.filter((lot) => !sellable.includes(lot));
  return {
    hit: marked(world, hitOf(product)),
    dci: product.dci,
    form: product.detail.split(" · ")[0] ?? "",
    strength: /\d+ ?(?:mg|g|µg)/.exec(product.name)?.[0] ?? "",
    maker: "Laboratoires Nimba",
    units: product.units,
    codes: product.codes,
    lots: [...sellable, ...others].map((lot) => marked(world, lotView(product, lot))),
  };
}

export function setPrice(world: World, uid: string, position: number, price: number): ProductView {
  if (!Number.isInteger(price) || price < 1) refuse("price_invalid", { value: price });
  const unit = productOf(world, uid).units[position] ?? refuse("field_invalid", { field: "unit" });
  unit.price = price;
  world.tell({ kind: "changed", topics: ["stock", "cart"] });
  return productView(world, uid);
}

export function attachCode(world: World, uid: string, code: string, unit: number | null): ProductView {
  const product = productOf(world, uid);
  const name = product.units[unit ?? 0]?.name ?? "";
  product.codes.push({ code, kind: code.length === 13 ? "ean13" : "other", unit: name });
  world.tell({ kind: "changed", topics: ["stock"] });
  return productView(world, uid);
}
