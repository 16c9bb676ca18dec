type Card = [uid: string, name: string, phone: string, address: string];

export const SUPPLIERS: Card[] = [
  ["supplier-0", "Spharma Guinée", "664 30 10 10", "Matam, Conakry"],
  ["supplier-1", "Laborex", "622 45 00 12", "Kaloum, Conakry"],
  ["supplier-2", "Ubipharm", "628 77 31 04", "Dixinn, Conakry"],
  ["supplier-3", "Pharmacie centrale de Guinée", "", "Km 36, Coyah"],
];
export const CUSTOMERS: Card[] = [
  ["customer-1", "Mariama Kaba", "628 11 22 33", "Taouyah"],
  ["customer-2", "Mariama Kaba Diallo", "628 11 22 33", ""],
  ["customer-3", "Clinique Ambroise Paré", "622 35 00 00", "Camayenne"],
  ["customer-4", "Ousmane Sylla", "621 90 44 17", "Madina"],
];

/** What a supplier or a customer is called; nothing where the pharmacy does not know it. */
export const cardName = (uid: unknown): string | undefined =>
  [...SUPPLIERS, ...CUSTOMERS].find(([known]) => known === uid)?.[1];
