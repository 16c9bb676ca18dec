import { call } from "../../backend";
import type { EntityStrategy } from "../../contract/EntityStrategy";
import type { StrategiesView } from "../../contract/StrategiesView";
import type { StrategyName } from "../../contract/StrategyName";
import { toasts } from "../../state/toasts.svelte";

/** Who wins where two tills wrote one field at once, in the order people weigh it. */
export const STRATEGIES: StrategyName[] = ["manual", "lastWrite", "server", "client", "merge"];

/** What people speak of first; the others follow as they come. */
const FIRST = ["product", "productBatch", "supplier", "customer"];

/** What decides for the ordinary fields of an entity, and for those that a person is asked about. */
export interface Effect {
  ordinary: StrategyName;
  asked: StrategyName;
}

/** The pharmacy's choices: one for everything, one for each entity, each possibly not made. */
export class Strategies {
  view = $state.raw<StrategiesView | null>(null);

  async read(): Promise<void> {
    try {
      this.view = await call("conflict_strategies", null);
    } catch (error) {
      toasts.refuse(error);
    }
  }

  get entities(): EntityStrategy[] {
    const all = this.view?.entities ?? [];
    const first = FIRST.flatMap((name) => all.filter(({ entity }) => entity === name));
    return [...first, ...all.filter(({ entity }) => !FIRST.includes(entity))];
  }

  effect({ strategy }: EntityStrategy): Effect {
    if (strategy === "merge") return { ordinary: "lastWrite", asked: "manual" };
    if (strategy) return { ordinary: strategy, asked: strategy };
    const common = this.view?.default ?? null;
    return { ordinary: common === null || common === "merge" ? "lastWrite" : common, asked: "manual" };
  }

  /** Sets a choice; of everything where no entity is named. `null` takes it back. False where it was refused. */
  async choose(entity: string | null, strategy: StrategyName | null): Promise<boolean> {
    if (!this.view) return false;
    const entities = this.view.entities.map((one) => (one.entity === entity ? { ...one, strategy } : one));
    const wanted = entity === null ? { default: strategy, entities } : { ...this.view, entities };
    try {
      this.view = await call("set_conflict_strategies", wanted);
      return true;
    } catch (error) {
      toasts.refuse(error);
      return false;
    }
  }
}
