import { call } from "../../backend";
import type { ReceiptView } from "../../contract/ReceiptView";

/** The paper waits no longer than this for the hub's verdict. */
const WAITS_MS = 5_000;

/**
 * Lets a ticket's paper out: after 5 s, at any key, or when what this returns is called at the verdict. Where the refusal
 * came first, none comes out.
 */
export function printInTime(receipt: ReceiptView): () => void {
  if (!receipt.paperWaits) return () => {};
  const key = (event: KeyboardEvent): void => {
    if (!event.repeat) out();
  };
  const timer = setTimeout(out, WAITS_MS);
  window.addEventListener("keydown", key, { capture: true });
  let waits = true;
  function out(): void {
    if (!waits) return;
    waits = false;
    clearTimeout(timer);
    window.removeEventListener("keydown", key, { capture: true });
    void call("print_ticket", { uid: receipt.uid }).catch(() => null);
  }
  return out;
}
