import type { BackupsView } from "../../contract/BackupsView";
import type { CertificateView } from "../../contract/CertificateView";
import type { IdentityView } from "../../contract/IdentityView";
import type { IntegrityReport } from "../../contract/IntegrityReport";
import type { RepairLine } from "../../contract/RepairLine";
import type { RepairProgress } from "../../contract/RepairProgress";
import type { RepairRun } from "../../contract/RepairRun";
import type { ConflictView } from "../../contract/ConflictView";
import type { LogLine } from "../../contract/LogLine";
import type { CodeView } from "../../contract/CodeView";
import type { Notice } from "../../contract/Notice";
import type { PersonCard } from "../../contract/PersonCard";
import type { Problem } from "../../contract/Problem";
import type { QueueRow } from "../../contract/QueueRow";
import type { ReceiptView } from "../../contract/ReceiptView";
import type { ReturnedFrom } from "../../contract/ReturnedFrom";
import type { SessionView } from "../../contract/SessionView";
import type { SettingsView } from "../../contract/SettingsView";
import type { PharmacySettings } from "../../contract/PharmacySettings";
import type { SyncRun } from "../../contract/SyncRun";
import type { UnitView } from "../../contract/UnitView";
import { SHARED_CODE, SHELF, type ShelfRow } from "./data";

export const DAY = 86_400_000;

export interface Lot {
  uid: string;
  lotNumber: string;
  expiry: string;
  quantity: number;
  blocked: string | null;
}

export interface Product {
  uid: string;
  name: string;
  detail: string;
  dci: string;
  units: UnitView[];
  codes: CodeView[];
  lots: Lot[];
}

export interface OpenLine {
  line: number;
  product: string;
  unit: number;
  count: number;
  chosen: { batch: string; source: "chosen" | "scanned" } | null;
  inHand: boolean;
  /** Base units the hub has, once it refused this line. */
  refusedAvailable: number | null;
}

export interface Cart {
  uid: string;
  openedAt: number | null;
  heldAt: number;
  user: string;
  lines: OpenLine[];
  current: number | null;
  returnedFrom: ReturnedFrom | null;
}

export type FakeUser = PersonCard & { pin: string; tries: number };

/** What the fake till mends, compares, keeps copies of, and is to its hub. */
export interface Health {
  repairing: RepairProgress | null;
  repairRuns: RepairRun[];
  repairLines: RepairLine[];
  /** The next repair finds a supplier that the hub does not know, and all that hangs on it. */
  damaged: boolean;
  integrity: IntegrityReport | null;
  certificates: CertificateView[];
  /** Entities that the next certificate finds to differ. */
  differing?: string[];
  identity: IdentityView;
  backups: BackupsView;
  /** Milliseconds that a backup takes. */
  backupTakes?: number;
  backupFails?: boolean;
  /** The backup that was put back. */
  restored?: string;
  salvageFails?: boolean;
  /** Operations that a salvage cannot read. */
  salvageLoses?: number;
}

/** Everything the fake pharmacy knows, and the knobs that tests turn. */
export interface World extends Health {
  products: Product[];
  people: FakeUser[];
  session: SessionView | null;
  settings: SettingsView;
  cart: Cart;
  held: Cart[];
  sales: ReceiptView[];
  nextSale: number;
  queue: QueueRow[];
  nextSeq: number;
  runs: SyncRun[];
  revision: number;
  lastSuccess: number | null;
  online: boolean;
  startProblem: Problem | null;
  enrolled: boolean;
  needsOwner: boolean;
  /** The next ticket is refused: what the hub has of its first line. */
  refuseNext: number | null;
  refuseInto: "open" | "held";
  /** Milliseconds until the hub answers; below zero it never does by itself. */
  verdictAfter: number;
  /** Milliseconds until a sale's own answer reaches the window: a verdict may be there before it. */
  answerAfter?: number;
  /** The desktop was told of expiries today. */
  expiriesTold: boolean;
  /** What the desktop was told. */
  told?: { title: string; body: string }[];
  /** The paper of a ticket waits for its verdict. */
  paperWaits?: boolean;
  /** Somebody who decides about refused tickets just before anybody here. */
  settledElsewhere?: string;
  /** Rows of an entity that this till has and the hub has not, for no reason. */
  missing?: Record<string, number>;
  conflicts: ConflictView[];
  log: LogLine[];
  /** Choices of the pharmacy by name: who wins where two tills wrote at once. */
  strategies: PharmacySettings;
  /** Somebody whose decision about a conflict reaches the hub just before anybody's here. */
  settledFirst?: string;
  /** Milliseconds between two lots of conflicts resolved together. */
  bulkPause?: number;
  /** Somebody stopped resolving them together. */
  resolvingStopped?: boolean;
  /** Every report of expiries fails. */
  expiriesFail?: boolean;
  importing: { cancelled: boolean } | null;
  /** The step of a run that takes a minute. */
  holdAt?: string;
  /** The run under way was stopped. */
  stopped?: boolean;
  tell: (notice: Notice) => void;
}

/** A refusal as the engine words it. */
export function refuse(code: string, params: Problem["params"] = {}): never {
  throw { code, params } satisfies Problem;
}

export function isoDay(offset: number): string {
  const at = new Date(Date.now() + offset * DAY);
  const pad = (value: number) => value.toString().padStart(2, "0");
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

function checkDigit(digits: string): string {
  const sum = [...digits].reduce((total, digit, index) => total + Number(digit) * (index % 2 ? 3 : 1), 0);
  return ((10 - (sum % 10)) % 10).toString();
}

/** The in-store code of the n-th product of the shelf. */
export function codeOf(index: number): string {
  const digits = `200${(index + 1).toString().padStart(9, "0")}`;
  return digits + checkDigit(digits);
}

function unitsOf(row: ShelfRow): UnitView[] {
  const price = row.price || null;
  if (!row.split) return [{ position: 0, name: row.unit ?? "boîte", factor: 1, price }];
  const [box, strip] = row.split;
  return [
    { position: 0, name: "boîte", factor: box, price },
    {
      position: 1,
      name: "plaquette",
      factor: strip,
      price: price && Math.ceil((price * strip) / box / 0.9 / 500) * 500,
    },
    { position: 2, name: "comprimé", factor: 1, price: price && Math.ceil(price / box / 0.8 / 50) * 50 },
  ];
}

function lotOf(text: string, uid: string, factor: number): Lot {
  const [number = "", days = "0", boxes = "0"] = text.split(":");
  return {
    uid,
    lotNumber: number.replace("!", ""),
    expiry: isoDay(Number(days)),
    quantity: Number(boxes) * factor,
    blocked: number.startsWith("!") ? "Rappel du fabricant" : null,
  };
}

function productOf(row: ShelfRow, index: number): Product {
  const units = unitsOf(row);
  const factor = units[0]?.factor ?? 1;
  const codes = [{ code: codeOf(index), kind: "inStore", unit: units[0]?.name ?? "" }];
  if (index === 19 || index === 20)
    codes.push({ code: SHARED_CODE, kind: "ean13", unit: units[0]?.name ?? "" });
  return {
    uid: `product-${index}`,
    name: row.name,
    detail: row.detail,
    dci: row.dci,
    units,
    codes,
    lots: row.lots.map((text, at) => lotOf(text, `lot-${index}-${at}`, factor)),
  };
}

export function shelf(): Product[] {
  return SHELF.map(productOf);
}

export function emptyCart(user = ""): Cart {
  return {
    uid: crypto.randomUUID(),
    openedAt: null,
    heldAt: 0,
    user,
    lines: [],
    current: null,
    returnedFrom: null,
  };
}
