import type { ContactView } from "../../contract/ContactView";
import type { ListContactsArgs } from "../../contract/ListContactsArgs";
import { fold } from "../../lib/marked";
import { inConflict } from "./conflicts";
import type { World } from "./world";

type Card = [uid: string, name: string, phone: string, address: string];

const SUPPLIERS: Card[] = [
  ["supplier-0", "Spharma Guinée", "664 30 10 10", "Matam, Conakry"],
  ["supplier-1", "Laborex", "622 45 00 12", "Kaloum, Conakry"],
  ["supplier-2", "Ubipharm", "628 77 31 04", "Dixinn, Conakry"],
  ["supplier-3", "Pharmacie centrale de Guinée", "", "Km 36, Coyah"],
];
const CUSTOMERS: Card[] = [
  ["customer-1", "Mariama Kaba", "628 11 22 33", "Taouyah"],
  ["customer-2", "Mariama Kaba Diallo", "628 11 22 33", ""],
  ["customer-3", "Clinique Ambroise Paré", "622 35 00 00", "Camayenne"],
  ["customer-4", "Ousmane Sylla", "621 90 44 17", "Madina"],
];

/** Suppliers or customers in whose name every word typed occurs, by name. */
export function list(world: World, { entity, text, limit }: ListContactsArgs): ContactView[] {
  const words = fold(text).split(/\s+/).filter(Boolean);
  return (entity === "supplier" ? SUPPLIERS : CUSTOMERS)
    .filter(([, name, phone]) => words.every((word) => fold(`${name} ${phone}`).includes(word)))
    .sort(([, a], [, b]) => a.localeCompare(b, "fr"))
    .slice(0, limit)
    .map(([uid, name, phone, address]) => ({ uid, name, phone, address, conflict: inConflict(world, uid) }));
}
