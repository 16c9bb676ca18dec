import { call, onNotice } from "../backend";
import type { Notice } from "../contract/Notice";
import { figures } from "../lib/amount";
import { m } from "../words.svelte";
import { toasts } from "./toasts.svelte";

/** What is said of a refused ticket: a title and a line; nothing of other notices. */
function words(notice: Notice): { title: string; body: string } | null {
  if (notice.kind === "saleToSettle") {
    const { number, seller, till, total } = notice.sale;
    const body = m.to_settle_told({ number, seller, till, amount: figures(total) });
    return { title: m.to_settle_title(), body };
  }
  if (notice.kind === "saleAlreadySettled") {
    const { number, standing } = notice;
    const body = standing
      ? m.already_settled_by({ number, by: standing.by, till: standing.till })
      : m.already_settled_elsewhere({ number });
    return { title: m.already_settled_title(), body };
  }
  return null;
}

/** Refused tickets that wait, and decisions that came too late: said in the window and to the desktop. */
export function watchSettling(): () => void {
  return onNotice((notice) => {
    const told = words(notice);
    if (!told) return;
    toasts.say("warn", told.body);
    void call("tell_desktop", told).catch(() => null);
  });
}
