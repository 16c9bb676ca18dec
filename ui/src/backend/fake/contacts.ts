import type { ContactView } from "../../contract/ContactView";
import type { ListContactsArgs } from "../../contract/ListContactsArgs";
import { fold } from "../../lib/marked";
import { CUSTOMERS, SUPPLIERS } from "./cards";
import { inConflict } from "./conflicts";
import type { World } from "./world";

/** Suppliers or customers in whose name every word typed occurs, by name. */
export function list(world: World, { entity, text, limit }: ListContactsArgs): ContactView[] {
  const words = fold(text).split(/\s+/).filter(Boolean);
  return (entity === "supplier" ? SUPPLIERS : CUSTOMERS)
    .filter(([, name, phone]) => words.every((word) => fold(`${name} ${phone}`).includes(word)))
    .sort(([, a], [, b]) => a.localeCompare(b, "fr"))
    .slice(0, limit)
    .map(([uid, name, phone, address]) => ({ uid, name, phone, address, conflict: inConflict(world, uid) }));
}
