import { call } from "../../backend";
import { toasts } from "../../state/toasts.svelte";

/** Who wins where two tills wrote one field at once. */
export const STRATEGIES = ["manual", "lastWrite", "server", "client", "merge"] as const;
export type StrategyName = (typeof STRATEGIES)[number];

const PREFIX = "conflict.";
const COMMON = `${PREFIX}default`;
/** What people speak of first; the others follow as they come. */
const FIRST = ["product", "productBatch", "supplier", "customer"];

/** The pharmacy's choices: one for everything, one for each entity, each possibly not made. */
export class Strategies {
  chosen = $state.raw<Record<string, StrategyName | null>>({});
  loaded = $state(false);

  async read(): Promise<void> {
    try {
      this.#take(await call("pharmacy_settings", null));
    } catch (error) {
      toasts.refuse(error);
    }
  }

  get common(): StrategyName | null {
    return this.chosen[COMMON] ?? null;
  }

  get entities(): string[] {
    const names = Object.keys(this.chosen)
      .filter((name) => name !== COMMON)
      .map((name) => name.slice(PREFIX.length));
    return [
      ...FIRST.filter((name) => names.includes(name)),
      ...names.filter((name) => !FIRST.includes(name)),
    ];
  }

  of(entity: string): StrategyName | null {
    return this.chosen[PREFIX + entity] ?? null;
  }

  /** What decides for ordinary fields of it, and for prices, expiry dates and lot numbers. */
  effective(entity: string): { ordinary: StrategyName; sensitive: StrategyName } {
    const own = this.of(entity);
    if (own === "merge") return { ordinary: "lastWrite", sensitive: "manual" };
    if (own) return { ordinary: own, sensitive: own };
    const common = this.common === "merge" ? null : this.common;
    return { ordinary: common ?? "lastWrite", sensitive: "manual" };
  }

  /** Sets a choice; of everything where no entity is named. `null` takes it back. */
  async choose(entity: string | null, strategy: StrategyName | null): Promise<boolean> {
    try {
      this.#take(
        await call("set_pharmacy_settings", { [entity === null ? COMMON : PREFIX + entity]: strategy }),
      );
      return true;
    } catch (error) {
      toasts.refuse(error);
      return false;
    }
  }

  #take(all: Record<string, unknown>): void {
    const mine = Object.entries(all).filter(([name]) => name.startsWith(PREFIX));
    this.chosen = Object.fromEntries(mine.map(([name, value]) => [name, known(value)]));
    this.loaded = true;
  }
}

function known(value: unknown): StrategyName | null {
  return STRATEGIES.find((name) => name === value) ?? null;
}
