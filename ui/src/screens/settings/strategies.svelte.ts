import { call } from "../../backend";
import type { PharmacySettings } from "../../contract/PharmacySettings";
import { toasts } from "../../state/toasts.svelte";

/** Who wins where two tills wrote one field at once, in the order people weigh it. */
export const STRATEGIES = ["manual", "lastWrite", "server", "client", "merge"] as const;
export type StrategyName = (typeof STRATEGIES)[number];

/** The choice for an entity. */
export interface EntityChoice {
  entity: string;
  strategy: StrategyName | null;
  /** Its fields that a person settles unless the entity has a choice, as its declaration says. */
  asked: string[];
}

const PREFIX = "conflict.";
const COMMON = `${PREFIX}default`;
const ASKED: Record<string, string[]> = { product: ["price"], productBatch: ["lotNumber", "expiry"] };
/** What people speak of first; the others follow as they come. */
const FIRST = ["product", "productBatch", "supplier", "customer"];

/** What decides for the ordinary fields of an entity, and for those that a person is asked about. */
export interface Effect {
  ordinary: StrategyName;
  asked: StrategyName;
}

/** The pharmacy's choices: one for everything, one for each entity, each possibly not made. */
export class Strategies {
  #settings = $state.raw<PharmacySettings>({});

  async read(): Promise<void> {
    try {
      this.#settings = await call("pharmacy_settings", null);
    } catch (error) {
      toasts.refuse(error);
    }
  }

  /** Where an entity has no choice of its own. */
  get common(): StrategyName | null {
    return this.#chosen(COMMON);
  }

  get entities(): EntityChoice[] {
    const names = Object.keys(this.#settings).filter((name) => name.startsWith(PREFIX) && name !== COMMON);
    const all = names.map((name) => name.slice(PREFIX.length));
    const ordered = [
      ...FIRST.filter((name) => all.includes(name)),
      ...all.filter((name) => !FIRST.includes(name)),
    ];
    return ordered.map((entity) => ({
      entity,
      strategy: this.#chosen(PREFIX + entity),
      asked: ASKED[entity] ?? [],
    }));
  }

  effect({ strategy }: EntityChoice): Effect {
    if (strategy === "merge") return { ordinary: "lastWrite", asked: "manual" };
    if (strategy) return { ordinary: strategy, asked: strategy };
    const { common } = this;
    return { ordinary: common === null || common === "merge" ? "lastWrite" : common, asked: "manual" };
  }

  /** Sets a choice; of everything where no entity is named. `null` takes it back. False where it was refused. */
  async choose(entity: string | null, strategy: StrategyName | null): Promise<boolean> {
    const name = entity === null ? COMMON : PREFIX + entity;
    try {
      this.#settings = await call("set_pharmacy_settings", { [name]: strategy });
      return true;
    } catch (error) {
      toasts.refuse(error);
      return false;
    }
  }

  #chosen(name: string): StrategyName | null {
    return STRATEGIES.find((strategy) => strategy === this.#settings[name]) ?? null;
  }
}
