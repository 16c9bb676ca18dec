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

/** The row pointed at has the keyboard if another row had it. */
export function followRow(target: EventTarget | null): void {
  if (!(target instanceof HTMLElement) || !target.matches("[data-row]")) return;
  const row = document.querySelector<HTMLElement>("[data-row][aria-current]");
  if (row) row.focus({ preventScroll: true });
  else target.blur();
}
