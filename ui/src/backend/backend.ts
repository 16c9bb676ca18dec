import type { Commands } from "../contract/Commands";
import type { Notice } from "../contract/Notice";

export type CommandName = keyof Commands;
export type ArgsOf<K extends CommandName> = Commands[K]["args"];
export type ResultOf<K extends CommandName> = Commands[K]["result"];

/** What the window asks of the engine. A refused command rejects with a `Problem`. */
export interface Backend {
  call<K extends CommandName>(name: K, args: ArgsOf<K>): Promise<ResultOf<K>>;
  /** Hears every notice until the returned function is called. */
  listen(hear: (notice: Notice) => void): Promise<() => void>;
}
