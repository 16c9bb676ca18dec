import { tick } from "svelte";

/** Keys that move through a list, and by how many rows. */
export const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

/**
 * Takes the keyboard from a button or a choice to the row pointed at. True where it came from elsewhere: that key has
 * then only brought it there. What is typed in keeps it.
 */
export function toRow(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement) || target.matches("input, [data-row], body, dialog")) return false;
  document.querySelector<HTMLElement>("[data-row][aria-current]")?.focus({ preventScroll: true });
  return true;
}

/** What keys do in a list that has the screen to itself: arrows move, Enter opens the row pointed at. */
export async function listKey(
  event: KeyboardEvent,
  list: { move: (step: number) => void; open: () => void },
): Promise<void> {
  const target = event.target instanceof HTMLElement ? event.target : null;
  const step = STEPS[event.key];
  if (event.key === "Enter" && !target?.closest("button:not([data-row])")) list.open();
  else if (!step) return;
  else if (!toRow(target)) list.move(step);
  event.preventDefault();
  await tick();
  if (step) followRow(target);
}

/** The row pointed at has the keyboard if another row had it. */
export function followRow(target: EventTarget | null): void {
  if (!(target instanceof HTMLElement) || !target.matches("[data-row]")) return;
  const row = document.querySelector<HTMLElement>("[data-row][aria-current]");
  if (row) row.focus({ preventScroll: true });
  else target.blur();
}
