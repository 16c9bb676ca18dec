import type { BackupsView } from "../../contract/BackupsView";
import { ago } from "../../state/ago";
import type { Meaning } from "../../state/toasts.svelte";
import { m } from "../../words.svelte";

/** Longer than this, a day was missed. */
const OLD = 36 * 3_600_000;

/** The screen in one sentence. */
export function standing(view: BackupsView, now: number): { kind: Meaning; text: string } {
  if (view.last === null) return { kind: "warn", text: m.backup_never() };
  const when = ago(now - view.last);
  if (now - view.last > OLD) return { kind: "warn", text: m.backup_old({ when }) };
  const made = view.files.find((file) => file.at === view.last);
  if (made && !made.verified) return { kind: "wait", text: m.backup_last_unverified({ when }) };
  return { kind: "ok", text: m.backup_last({ when }) };
}

/** `SAUVE-B` of `/media/usb/SAUVE-B`, `officine.db` of `C:\…\officine.db`. */
export function nameOf(path: string): string {
  return path.split(/[/\\]/).filter(Boolean).at(-1) ?? path;
}

/** Whether a folder is on that stick. */
export function isOn(folder: string | null, stick: string): boolean {
  return (
    folder !== null &&
    (folder === stick || folder.startsWith(stick.replace(/[/\\]?$/, "/")) || folder.startsWith(`${stick}\\`))
  );
}
