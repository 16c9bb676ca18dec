import type { QueueRow } from "../../contract/QueueRow";
import { m } from "../../words.svelte";

/** What happens next to an operation, and who has to do it. */
export function nextStep(row: QueueRow, now: number, offline: boolean): string {
  switch (row.state) {
    case "settled":
      return m.next_nothing();
    case "sent":
      return offline ? m.next_resent() : m.next_answer();
    case "blocked":
      return blocked(row);
    case "rejected":
      return row.entity === "sale" ? m.next_regularise() : m.next_rejected();
  }
  if (offline) return m.next_network();
  const seconds = row.nextAttempt ? Math.ceil((row.nextAttempt - now) / 1000) : 0;
  if (seconds <= 0) return m.queue_now();
  return seconds < 100 ? m.queue_in({ n: seconds }) : m.queue_in_minutes({ n: Math.round(seconds / 60) });
}

/** By what keeps it. */
function blocked({ problem }: QueueRow): string {
  if (problem?.code === "reference_missing") return m.next_parent();
  if (problem?.code === "conflict") return m.next_conflict();
  return m.next_retry();
}
