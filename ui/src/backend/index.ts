import type { Problem } from "../contract/Problem";
import type { Notice } from "../contract/Notice";
import type { ArgsOf, Backend, CommandName, ResultOf } from "./backend";

let onSignedOut: () => void = () => {};
let backend: Backend | null = null;
const hearers = new Set<(notice: Notice) => void>();

/** The engine where the window has one; the in-memory pharmacy in builds made for it; else a refusal. */
async function choose(): Promise<Backend> {
  if ("__TAURI_INTERNALS__" in window) return (await import("./tauri")).tauriBackend;
  if (import.meta.env.MODE !== "production") return (await import("./fake")).createFake();
  throw new Error("no engine behind this window");
}

/** Connects once, before anything is shown. Rejects where there is no engine. */
export async function connect(): Promise<void> {
  backend = await choose();
  await backend.listen((notice) => hearers.forEach((hear) => hear(notice)));
}

/** Runs a command. Rejects with a `Problem`. */
export async function call<K extends CommandName>(name: K, args: ArgsOf<K>): Promise<ResultOf<K>> {
  if (!backend) throw new Error("not connected");
  try {
    return await backend.call(name, args);
  } catch (error) {
    if ((error as Partial<Problem> | null)?.code === "not_signed_in") onSignedOut();
    throw error;
  }
}

/** What to do once the engine says that nobody is signed in any more. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

/** Hears notices until the returned function is called. */
export function onNotice(hear: (notice: Notice) => void): () => void {
  hearers.add(hear);
  return () => hearers.delete(hear);
}
