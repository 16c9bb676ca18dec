import type { StrategiesView } from "../../contract/StrategiesView";
import { refuse, type World } from "./world";

/** What is edited, and its fields that a person settles unless something was chosen. */
const EDITED: [string, string[]][] = [
  ["setting", []],
  ["user", []],
  ["supplier", []],
  ["product", ["units/price"]],
  ["productSupplier", []],
  ["productBatch", ["lotNumber", "expiry"]],
  ["requestedProduct", []],
  ["customer", []],
  ["supplierOrder", []],
  ["supplierOrderItem", []],
  ["recall", []],
];

/** Nothing chosen, for all and for each. */
export function unchosen(): StrategiesView {
  return { default: null, entities: EDITED.map(([entity, asked]) => ({ entity, strategy: null, asked })) };
}

export function set(world: World, wanted: StrategiesView): StrategiesView {
  if (!world.session?.permissions.includes("settings")) refuse("forbidden", { permission: "settings" });
  world.strategies = wanted;
  world.tell({ kind: "changed", topics: ["settings"] });
  return world.strategies;
}
