import type { PersonCard } from "../../contract/PersonCard";
import type { RoleName } from "../../contract/RoleName";
import type { SessionView } from "../../contract/SessionView";
import type { StartView } from "../../contract/StartView";
import { emptyCart, isoDay, refuse, type FakeUser, type World } from "./world";

const TRIES = 5;
const LOCK_MINUTES = 15;
const SELLS = ["sell", "choose_lot", "in_hand", "attach_code"];
const MANAGES = [
  "set_price",
  "import",
  "settings",
  "unlock_user",
  "see_sync",
  "see_cost",
  "settle_sale",
  "resolve_conflicts",
];
const PERMISSIONS: Record<RoleName, string[]> = {
  cashier: SELLS,
  pharmacist: SELLS,
  manager: [...SELLS, ...MANAGES],
  owner: [...SELLS, ...MANAGES],
};

const user = (name: string, role: RoleName, pin: string): FakeUser => ({
  uid: `user-${pin}`,
  name,
  login: name.split(" ")[0]?.toLowerCase() ?? name,
  role,
  lockedUntil: null,
  keptLines: 0,
  demoPin: pin,
  pin,
  tries: 0,
});

export const staff = (): FakeUser[] => [
  user("Aïssatou Bah", "cashier", "1111"),
  user("Fatoumata Camara", "cashier", "2222"),
  user("Ibrahima Sory Condé", "pharmacist", "3333"),
  user("Mamadou Saliou Diallo", "manager", "4444"),
  user("Hawa Baldé", "owner", "5555"),
];

export function listPeople(world: World): PersonCard[] {
  return world.people.map(({ pin: _pin, tries: _tries, ...card }) => ({
    ...card,
    keptLines: world.cart.user === card.uid ? world.cart.lines.length : 0,
  }));
}

export function startView(world: World): StartView {
  return {
    version: "0.1.0",
    enrolled: world.enrolled,
    needsOwner: world.needsOwner,
    pharmacy: world.enrolled ? world.settings.pharmacy : "",
    till: world.settings.till,
    people: listPeople(world),
    session: world.session,
    today: isoDay(0),
    problem: world.startProblem,
  };
}

function find(world: World, uid: string): FakeUser {
  return world.people.find((person) => person.uid === uid) ?? refuse("user_unknown");
}

export function signIn(world: World, uid: string, pin: string): SessionView {
  const person = find(world, uid);
  if (person.lockedUntil && person.lockedUntil > Date.now()) {
    refuse("pin_locked", { minutes: Math.ceil((person.lockedUntil - Date.now()) / 60_000) });
  }
  if (person.pin !== pin) wrongPin(world, person);
  person.tries = 0;
  if (world.cart.user !== uid && world.cart.lines.length === 0) world.cart = emptyCart(uid);
  world.cart.user = uid;
  world.session = { uid, name: person.name, role: person.role, permissions: PERMISSIONS[person.role] };
  return world.session;
}

function wrongPin(world: World, person: FakeUser): never {
  person.tries += 1;
  if (person.tries < TRIES) refuse("pin_wrong", { left: TRIES - person.tries });
  person.tries = 0;
  person.lockedUntil = Date.now() + LOCK_MINUTES * 60_000;
  world.tell({ kind: "changed", topics: ["people"] });
  refuse("pin_locked", { minutes: LOCK_MINUTES });
}

export function unlock(world: World, uid: string): null {
  const person = find(world, uid);
  person.lockedUntil = null;
  person.tries = 0;
  world.tell({ kind: "changed", topics: ["people"] });
  return null;
}

export function enrol(world: World, hub: string, code: string, till: string): StartView {
  if (!/^https?:\/\//.test(hub)) refuse("field_invalid", { field: "hub" });
  if (!hub.startsWith("https:") && !/\/\/(127\.|localhost)/.test(hub)) refuse("hub_insecure", { hub });
  if (code.replace(/\s/g, "").toUpperCase() !== "KM47RT") refuse("enrolment_code_wrong");
  if (!till.trim()) refuse("name_missing");
  world.enrolled = true;
  world.settings.hub = hub;
  world.settings.till = till;
  return startView(world);
}

export function createOwner(world: World, name: string, login: string, pin: string): StartView {
  if (!name.trim() || !login.trim()) refuse("name_missing");
  if (!/^\d{4,8}$/.test(pin)) refuse("pin_invalid", { min: 4, max: 8 });
  const owner = { ...user(name, "owner", pin), uid: `user-${login}`, login, demoPin: null };
  world.people = [owner];
  world.needsOwner = false;
  signIn(world, owner.uid, pin);
  return startView(world);
}

export function signOut(world: World): null {
  world.session = null;
  return null;
}
