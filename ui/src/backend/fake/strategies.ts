import type { PharmacySettings } from "../../contract/PharmacySettings";
import { refuse, type World } from "./world";

const WORDS = ["server", "client", "lastWrite", "merge", "manual"];
const EDITED = [
  "setting",
  "user",
  "supplier",
  "product",
  "productSupplier",
  "productBatch",
  "requestedProduct",
  "customer",
  "supplierOrder",
  "supplierOrderItem",
  "recall",
];

/** Nothing chosen, for all entities and for each. */
export function unchosen(): PharmacySettings {
  return Object.fromEntries(["default", ...EDITED].map((name) => [`conflict.${name}`, null]));
}

export function all(world: World): PharmacySettings {
  return { "pharmacy.name": world.settings.pharmacy, ...world.strategies };
}

export function set(world: World, values: PharmacySettings): PharmacySettings {
  if (!world.session?.permissions.includes("settings")) refuse("forbidden", { permission: "settings" });
  for (const [name, value] of Object.entries(values)) {
    const known = value === null || WORDS.includes(String(value));
    if (!(name in world.strategies) || !known) refuse("setting_unknown", { name });
    world.strategies[name] = value;
  }
  world.tell({ kind: "changed", topics: ["settings"] });
  return all(world);
}
