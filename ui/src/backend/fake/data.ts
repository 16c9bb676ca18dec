/** The fake pharmacy's shelf. Lots are `number:days until expiry:boxes`, `!` before a number blocks the lot. */

export interface ShelfRow {
  name: string;
  detail: string;
  dci: string;
  /** Price of a box; 0 for none yet. */
  price: number;
  /** Base units in a box and in a strip, where it is sold so. */
  split?: [number, number];
  unit?: string;
  lots: string[];
}

const row = (name: string, detail: string, dci: string, price: number, ...lots: string[]): ShelfRow => ({
  name,
  detail,
  dci,
  price,
  lots,
});

export const SHELF: ShelfRow[] = [
  row("Doliprane 1000 mg", "comprimé · paracétamol", "paracétamol", 18500, "DL4417:480:48"),
  row(
    "Coartem 20/120 mg",
    "artéméther + luméfantrine",
    "artéméther + luméfantrine",
    48000,
    "X2217:41:1",
    "X2348:220:2",
  ),
  {
    ...row(
      "SRO formule OMS",
      "sachet 20,5 g · sels de réhydratation",
      "sels de réhydratation",
      2500,
      "S0926B:372:218",
    ),
    unit: "sachet",
  },
  {
    ...row("Zinc 20 mg", "comprimé dispersible · sulfate de zinc", "sulfate de zinc", 54000, "ZN5083:285:38"),
    split: [100, 10],
  },
  row("Ventoline 100 µg", "aérosol 200 doses · salbutamol", "salbutamol", 50000, "V8J2:430:10"),
  row("Amlodipine 5 mg", "comprimé, bt 30 · amlodipine", "amlodipine", 35000, "AM0772:72:25"),
  row(
    "Amoxicilline 500 mg",
    "gélule, bt 12 · amoxicilline",
    "amoxicilline",
    22000,
    "6K882:100:14",
    "7G214:310:17",
  ),
  row("Amoxicilline 250 mg/5 ml", "suspension 60 ml · amoxicilline", "amoxicilline", 28500, "6M031:102:12"),
  row(
    "Augmentin 1 g/125 mg",
    "sachet, bt 12 · amoxicilline + acide clavulanique",
    "amoxicilline + acide clavulanique",
    125000,
    "AU918:190:7",
  ),
  row(
    "Amodiaquine + artésunate 270/100 mg",
    "comprimé, bt 3 · amodiaquine + artésunate",
    "amodiaquine + artésunate",
    24000,
    "N4402:56:19",
  ),
  row("Clamoxyl 1 g", "comprimé dispersible, bt 6 · amoxicilline", "amoxicilline", 46000, "C1180:-20:5"),
  row("Amoxicilline 1 g", "comprimé dispersible, bt 14 · amoxicilline", "amoxicilline", 39500),
  row("Insuline Mixtard 30", "flacon 10 ml · insuline humaine", "insuline humaine", 140000, "NV0301:160:6"),
  row("Artésunate inj. 60 mg", "poudre injectable · artésunate", "artésunate", 32000, "AS6114:240:22"),
  row(
    "Sérum salé 0,9 % 500 ml",
    "perfusion · chlorure de sodium",
    "chlorure de sodium",
    15000,
    "SS2026:600:60",
  ),
  row("Glucosé 5 % 500 ml", "perfusion · glucose", "glucose", 15000, "!GL0777:400:24"),
  row("Ciprofloxacine 500 mg", "comprimé, bt 10 · ciprofloxacine", "ciprofloxacine", 27000, "CP1102:350:16"),
  row("Métronidazole 500 mg", "comprimé, bt 20 · métronidazole", "métronidazole", 16000, "MZ4410:280:31"),
  row(
    "Cotrimoxazole 480 mg",
    "comprimé, bt 20 · sulfaméthoxazole + triméthoprime",
    "cotrimoxazole",
    14500,
    "CX9011:120:44",
  ),
  row("Oméprazole 20 mg", "gélule, bt 14 · oméprazole", "oméprazole", 19000, "OM2208:260:27"),
  row("Ibuprofène 400 mg", "comprimé, bt 20 · ibuprofène", "ibuprofène", 17500, "IB5521:500:36"),
  row("Diclofénac 50 mg", "comprimé, bt 20 · diclofénac", "diclofénac", 13000, "DC3380:88:18"),
  row("Paracétamol 500 mg", "comprimé, bt 100 · paracétamol", "paracétamol", 45000, "PA7710:390:21"),
  row("Paracétamol sirop 125 mg/5 ml", "flacon 60 ml · paracétamol", "paracétamol", 21000, "PS1209:330:15"),
  row("Captopril 25 mg", "comprimé, bt 30 · captopril", "captopril", 23000, "CA8804:210:13"),
  row("Furosémide 40 mg", "comprimé, bt 20 · furosémide", "furosémide", 12500, "FU6032:295:20"),
  row("Metformine 850 mg", "comprimé, bt 30 · metformine", "metformine", 31000, "ME9917:410:26"),
  row("Glibenclamide 5 mg", "comprimé, bt 30 · glibenclamide", "glibenclamide", 18000, "GB2214:175:11"),
  row("Salbutamol sirop 2 mg/5 ml", "flacon 125 ml · salbutamol", "salbutamol", 16500, "SA0440:140:9"),
  row(
    "Prednisolone 20 mg",
    "comprimé effervescent, bt 20 · prednisolone",
    "prednisolone",
    38000,
    "PR7102:320:14",
  ),
  row(
    "Albendazole 400 mg",
    "comprimé à croquer, bt 1 · albendazole",
    "albendazole",
    8000,
    "AL5001:18:9",
    "AL5560:450:70",
  ),
  row(
    "Vitamine C 500 mg",
    "comprimé à croquer, bt 30 · acide ascorbique",
    "acide ascorbique",
    15500,
    "VC2999:0:4",
    "VC3021:260:33",
  ),
  row(
    "Fer + acide folique",
    "comprimé, bt 100 · fumarate ferreux",
    "fumarate ferreux + acide folique",
    29000,
    "FF1198:365:17",
  ),
  row("Bétadine 10 % 125 ml", "solution cutanée · povidone iodée", "povidone iodée", 34000, "BT0921:540:12"),
  row("Compresses stériles", "10 × 10 cm, bt 10", "", 12000, "CS4471:900:40"),
  row("Seringue 5 ml", "à usage unique, bt 100", "", 55000, "SG2210:800:8"),
  row("Test palu rapide", "cassette, bt 25 · test antigénique", "", 0, "TP6608:210:10"),
  row("Préservatifs", "bt 3", "", 3000, "PV1017:700:120"),
  row("Loratadine 10 mg", "comprimé, bt 10 · loratadine", "loratadine", 16000, "LO8821:230:19"),
  row("Fluconazole 150 mg", "gélule, bt 1 · fluconazole", "fluconazole", 9500, "FL3309:190:25"),
  row("Quinine 300 mg", "comprimé, bt 20 · quinine", "quinine", 36000, "!QN5504:300:10"),
  row("Lait 1er âge 400 g", "poudre · préparation pour nourrissons", "", 88000, "LT7719:30:6"),
];

/** A code that two products share, as happens with repackaged goods. */
export const SHARED_CODE = "3400930000007";
