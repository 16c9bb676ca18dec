import type { IdentityState } from "../../contract/IdentityState";
import type { IdentityView } from "../../contract/IdentityView";
import { refuse, type World } from "./world";

export const known = (): IdentityView => ({
  ...{ state: "known", since: null, tickets: 0, others: 0, till: "Caisse 2", series: 2 },
});

/** The hub finds that this till is not the one it was. */
export function parts(world: World, state: IdentityState): void {
  const since = Date.now() - 95 * 60_000;
  world.identity = { ...world.identity, state, since, tickets: 12, others: 3 };
  world.tell({ kind: "identity", identity: world.identity });
}

/** The till enrols anew: another series, and what waited is on its way. */
export async function reenrol(world: World, code: string): Promise<IdentityView> {
  await new Promise((go) => setTimeout(go, 300));
  if (!world.online) refuse("hub_unreachable", { hub: world.settings.hub });
  if (code.replace(/\s/g, "").toUpperCase() !== "KM47RT") refuse("enrolment_code_wrong");
  const { tickets, others } = world.identity;
  world.identity = { ...known(), series: world.identity.series + 3 };
  world.tell({ kind: "identity", identity: world.identity });
  world.tell({ kind: "changed", topics: ["sync"] });
  return { ...world.identity, tickets, others };
}
