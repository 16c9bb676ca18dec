import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Notice } from "../contract/Notice";
import type { Backend } from "./backend";

const CHANNEL = "officine";

/** The engine behind the window: one command, one argument object; notices on one channel. */
export const tauriBackend: Backend = {
  call: (name, args) => invoke(name, { args }),
  listen: (hear) => listen<Notice>(CHANNEL, (event) => hear(event.payload)),
};
