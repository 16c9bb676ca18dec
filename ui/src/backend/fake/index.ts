import type { IdentityState } from "../../contract/IdentityState";
import type { Notice } from "../../contract/Notice";
import type { Problem } from "../../contract/Problem";
import type { Commands } from "../../contract/Commands";
import type { ArgsOf, Backend, CommandName, ResultOf } from "../backend";
import * as backups from "./backups";
import * as carts from "./cart";
import * as catalogue from "./catalogue";
import { alike, seeded } from "./conflict-seeds";
import * as conflicts from "./conflicts";
import * as contacts from "./contacts";
import * as expiries from "./expiries";
import { morning } from "./history";
import * as identity from "./identity";
import * as importer from "./importer";
import * as integrity from "./integrity";
import * as log from "./log";
import * as people from "./people";
import { pastRepairs } from "./repair-seeds";
import * as repairs from "./repairs";
import * as sales from "./sales";
import * as settle from "./settle";
import * as strategies from "./strategies";
import { lotChoices, productOf } from "./stock";
import * as sync from "./sync";
import * as twins from "./twins";
import { codeOf, emptyCart, refuse, shelf, type Health, type World } from "./world";

type Handlers = { [K in keyof Commands]: (args: ArgsOf<K>) => ResultOf<K> | Promise<ResultOf<K>> };

function createWorld(tell: (notice: Notice) => void): World {
  const world: World = {
    products: shelf(),
    people: people.staff(),
    session: null,
    settings: {
      pharmacy: "Pharmacie Fouta",
      address: "Marché Madina, Conakry",
      phone: "622 41 08 77",
      inHandPerDay: 3,
      expiryWarningDays: 90,
      expiryThresholds: [30, 60, 90],
      language: "fr",
      theme: "light",
      sounds: true,
      autoSync: true,
      verbose: false,
      syncOnReconnect: true,
      lockMinutes: 5,
      till: "Caisse 2",
      hub: "http://127.0.0.1:8443",
    },
    cart: emptyCart(),
    held: [],
    sales: [],
    nextSale: 4314,
    queue: [],
    nextSeq: 4_021,
    runs: [],
    revision: 48_211,
    lastSuccess: Date.now() - 12_000,
    online: true,
    startProblem: null,
    enrolled: true,
    needsOwner: false,
    refuseNext: null,
    refuseInto: "open",
    verdictAfter: -1,
    expiriesTold: true,
    importing: null,
    conflicts: [],
    log: [],
    strategies: strategies.unchosen(),
    tell: () => {},
    ...healthy(),
  };
  morning(world);
  world.certificates = integrity.nights(world);
  world.backups = backups.someBackups(world);
  world.log = log.pastLog(world);
  world.verdictAfter = 900;
  world.tell = tell;
  return world;
}

function healthy(): Health {
  const { runs, lines } = pastRepairs();
  return {
    ...{ repairing: null, repairRuns: runs, repairLines: lines, damaged: true },
    ...{ integrity: null, certificates: [], identity: identity.known() },
    backups: {
      ...{ settings: { folder: null, automatic: true, keep: 14 }, files: [], last: null },
      ...{ problem: null, sticks: [] },
    },
  };
}

function handlersOf(world: World): Handlers {
  return {
    start: () => people.startView(world),
    enrol: (a) => people.enrol(world, a.hub, a.code, a.till),
    create_owner: (a) => people.createOwner(world, a.name, a.login, a.pin),
    sign_in: (a) => people.signIn(world, a.uid, a.pin),
    sign_out: () => people.signOut(world),
    unlock_user: (a) => people.unlock(world, a.uid),
    list_people: () => people.listPeople(world),
    search_products: (a) => catalogue.search(world, a.text, a.limit),
    cart: () => carts.cartView(world),
    scan: (a) => carts.scan(world, a.code, a.count),
    add_product: (a) => carts.addProduct(world, a.product, a.count, a.unit),
    set_quantity: (a) => carts.setQuantity(world, a.line, a.count, a.unit),
    remove_line: (a) => carts.removeLine(world, a.line),
    list_lots: (a) => {
      const line = carts.lineOf(world, a.line);
      return lotChoices(productOf(world, line.product), line);
    },
    choose_lot: (a) => carts.chooseLot(world, a.line, a.batch, a.reason),
    mark_in_hand: (a) => carts.markInHand(world, a.line, a.inHand),
    clear_cart: () => {
      world.cart = emptyCart(world.session?.uid);
      return carts.cartView(world);
    },
    hold_cart: () => carts.hold(world),
    list_held: () => carts.listHeld(world),
    recall_cart: (a) => carts.recall(world, a.cart),
    commit_sale: async (a) => {
      const receipt = sales.commit(world, a.tendered, a.expectedTotal);
      await new Promise((go) => setTimeout(go, world.answerAfter ?? 0));
      return receipt;
    },
    list_sales: (a) => sales.listSales(world, a),
    receipt: (a) => sales.receipt(world, a.uid),
    print_ticket: (a) => settle.printTicket(world, a.uid),
    list_to_settle: () => settle.listToSettle(world),
    settle_sale: (a) => settle.settleSale(world, a),
    list_products: (a) => catalogue.listProducts(world, a),
    product: (a) => catalogue.productView(world, a.uid),
    set_price: (a) => catalogue.setPrice(world, a.product, a.unit, a.price),
    attach_code: (a) => catalogue.attachCode(world, a.product, a.code, a.unit),
    choose_import_file: () => "/home/caisse/catalogue.csv",
    check_import: (a) => importer.checkImport(a),
    run_import: (a) => importer.runImport(world, a),
    cancel_import: () => importer.cancelImport(world),
    expiries: (a) => expiries.report(world, a),
    export_expiries: (a) => expiries.exportFile(world, a),
    expiry_summary: () => expiries.summary(world),
    tell_expiries: (a) => expiries.tell(world, a),
    sync_now: () => sync.syncNow(world),
    refresh_data: () => sync.syncNow(world, "walk"),
    cancel_sync: () => {
      world.stopped = true;
      return null;
    },
    sync_state: () => sync.syncState(world),
    list_queue: (a) => sync.listQueue(world, a.state, a.limit),
    retry_operation: (a) => sync.retry(world, a.seq),
    retry_queue: () => sync.retryAll(world),
    clear_queue: () => sync.clear(world),
    export_queue: (a) => sync.exportQueue(world, a),
    list_runs: () => world.runs,
    sync_activity: () => sync.activity(world),
    diagnostic: () => sync.diagnostic(world),
    tell_desktop: (a) => {
      (world.told ??= []).push(a);
      return null;
    },
    list_contacts: (a) => contacts.list(world, a),
    list_conflicts: (a) => conflicts.listConflicts(world, a),
    read_conflict: (a) => conflicts.readConflict(world, a.uid),
    resolve_conflict: (a) => conflicts.resolveConflict(world, a),
    resolve_conflicts: (a) => conflicts.resolveConflicts(world, a),
    stop_resolving: () => {
      world.resolvingStopped = true;
      return null;
    },
    undo_resolution: (a) => twins.undo(world, a.uid),
    preview_merge: (a) => twins.previewMerge(world, a),
    merge_twins: (a) => twins.mergeTwins(world, a),
    row_history: (a) => log.rowHistory(world, a),
    change_log: (a) => log.changeLog(world, a),
    export_change_log: (a) => log.exportChangeLog(world, a),
    pharmacy_settings: () => strategies.all(world),
    set_pharmacy_settings: (a) => strategies.set(world, a),
    repair: () => repairs.repair(world),
    list_repairs: (a) => repairs.listRepairs(world, a),
    export_repairs: (a) => repairs.exportRepairs(world, a),
    check_integrity: (a) => integrity.check(world, a),
    last_integrity: () => world.integrity,
    export_integrity: () => integrity.exportReport(world),
    certify: () => integrity.certify(world),
    list_certificates: () => world.certificates,
    identity: () => world.identity,
    reenrol: (a) => identity.reenrol(world, a.code),
    backups: () => world.backups,
    set_backups: (a) => backups.set(world, a),
    choose_backup_folder: () => "/media/usb/SAUVE-B/officine",
    choose_backup_file: () => "/media/usb/SAUVE-B/officine-caisse2-2026-11-13-1930.db",
    back_up: () => backups.backUp(world),
    restore_backup: (a) => backups.restore(world, a.path),
    salvage: () => backups.salvage(world),
    settings: () => world.settings,
    save_settings: (a) => (world.settings = { ...a, till: world.settings.till, hub: world.settings.hub }),
  };
}

/** Before sign-in only these answer. */
const OPEN_DOORS: CommandName[] = [
  "start",
  "enrol",
  "create_owner",
  "sign_in",
  "list_people",
  "settings",
  "sync_state",
  "expiry_summary",
  "tell_expiries",
  "tell_desktop",
  "identity",
  "salvage",
];

interface Knobs {
  /** Who is signed in already, by code. */
  signedIn?: string;
  /** So many conflicts wait. */
  conflictCount?: number;
  /** Besides, a product that may be one of three others. */
  productTwins?: boolean;
  /** What this till is to the hub. */
  identityState?: IdentityState;
}

/** Applies the knobs of `?fake={…}` and exposes the pharmacy to tests as `window.officineFake`. */
function expose(world: World): void {
  const knobs = new URLSearchParams(window.location.search).get("fake");
  if (knobs) {
    const { settings, signedIn, conflictCount, productTwins, identityState, ...rest } = JSON.parse(
      knobs,
    ) as Partial<World> & Knobs;
    Object.assign(world, rest);
    Object.assign(world.settings, settings);
    if (conflictCount) world.conflicts = seeded(world, conflictCount);
    if (productTwins) world.conflicts.unshift(alike(world));
    if (identityState) identity.parts(world, identityState);
    const person = world.people.find((known) => known.pin === signedIn);
    if (person) people.signIn(world, person.uid, person.pin);
  }
  const conflictsArrive = (count: number): void => conflicts.arrives(world, seeded(world, count));
  const identityParts = (state: IdentityState): void => identity.parts(world, state);
  const troubles = (problem: Problem): void => world.tell({ kind: "trouble", problem });
  Object.assign(window, { officineFake: { world, codeOf, conflictsArrive, identityParts, troubles } });
}

/** A pharmacy in memory, for development and for the browser tests. Answers are copies, as over the real bridge. */
export function createFake(): Backend {
  const hearers = new Set<(notice: Notice) => void>();
  const world = createWorld((notice) => hearers.forEach((hear) => hear(structuredClone(notice))));
  const handlers = handlersOf(world);
  expose(world);
  return {
    async call(name, args) {
      if (!world.session && !OPEN_DOORS.includes(name)) refuse("not_signed_in");
      await Promise.resolve();
      return structuredClone(await handlers[name](structuredClone(args)));
    },
    async listen(hear) {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
  };
}
