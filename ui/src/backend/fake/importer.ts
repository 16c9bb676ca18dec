import type { BadRow } from "../../contract/BadRow";
import type { ImportArgs } from "../../contract/ImportArgs";
import type { ImportReport } from "../../contract/ImportReport";
import { refuse, type World } from "./world";

const ROWS = 17_184;
const BYTES = 3_412_880;
const STEPS = 12;

const bad = (line: number, column: string, code: string, params: BadRow["problem"]["params"]): BadRow => ({
  line,
  column,
  problem: { code, params },
});

const BAD_ROWS: BadRow[] = [
  bad(42, "Prix", "price_negative", { value: "-1" }),
  bad(118, "Code-barres", "barcode_check_digit", { code: "6133456000125" }),
  bad(377, "Péremption", "date_invalid", { value: "31/02/2027" }),
  bad(1204, "Désignation", "value_missing", {}),
  bad(5519, "Code-barres", "code_duplicate", { code: "3400934865091", line: 211 }),
  bad(9008, "Quantité", "number_invalid", { value: "douze" }),
];

/** A path with `absent` in it is missing, with `erreurs` it holds bad rows, with `euro` it is priced in euros. */
function reportFor(args: ImportArgs): ImportReport {
  if (!args.path.trim() || args.path.includes("absent")) refuse("file_missing", { path: args.path });
  if (args.path.includes("enorme")) refuse("file_too_large", { size: 2_147_483_648, max: 268_435_456 });
  if (args.rate && !/^[\d\s\u00a0]+(,\d+)?$/.test(args.rate)) refuse("rate_invalid", { value: args.rate });
  const foreign = args.path.includes("euro");
  const badRows = args.path.includes("erreurs") ? BAD_ROWS : [];
  return {
    applied: false,
    encoding: foreign ? "windows-1252" : "utf-8",
    separator: ";",
    columns: [
      { header: "Désignation", field: "name" },
      { header: "DCI", field: "dci" },
      { header: "Code-barres", field: "code" },
      { header: foreign ? "Prix (EUR)" : "Prix", field: "price" },
      { header: "Lot", field: "lot" },
      { header: "Péremption", field: "expiry" },
      { header: "Quantité", field: "quantity" },
      { header: "Titulaire", field: "maker" },
      { header: "Remarque", field: "" },
    ],
    rows: ROWS,
    created: ROWS - 42 - badRows.length,
    updated: 42,
    unchanged: 0,
    unpriced: foreign && !args.rate ? ROWS - badRows.length : 118,
    lots: 940,
    badRows,
    badCount: badRows.length,
    currency: foreign ? "EUR" : "GNF",
    seconds: 1.4,
  };
}

export async function checkImport(args: ImportArgs): Promise<ImportReport> {
  await new Promise((resolve) => setTimeout(resolve, 60));
  return reportFor(args);
}

export async function runImport(world: World, args: ImportArgs): Promise<ImportReport> {
  if (world.importing) refuse("import_running");
  const report = reportFor(args);
  const job = (world.importing = { cancelled: false });
  try {
    for (let step = 1; step <= STEPS; step += 1) {
      await new Promise((resolve) => setTimeout(resolve, 120));
      if (job.cancelled) refuse("import_cancelled");
      tellProgress(world, step);
    }
  } finally {
    world.importing = null;
  }
  world.tell({ kind: "changed", topics: ["stock"] });
  return { ...report, applied: true, seconds: 2.6 };
}

function tellProgress(world: World, step: number): void {
  world.tell({
    kind: "importProgress",
    progress: {
      step: step === STEPS ? "done" : "writing",
      rows: Math.round((ROWS * step) / STEPS),
      bytes: Math.round((BYTES * step) / STEPS),
      totalBytes: BYTES,
      secondsLeft: ((STEPS - step) * 120) / 1000,
    },
  });
}

export function cancelImport(world: World): null {
  if (world.importing) world.importing.cancelled = true;
  return null;
}
