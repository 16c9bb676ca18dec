/** Keys by which a browser would leave, reload, print, search or open its tools. The till keeps or drops them. */
const WITH_CTRL = new Set(["p", "r", "f", "g", "s", "u", "o", "j", "d", "h", "n", "t", "w", "+", "-", "0"]);
const HISTORY = new Set(["ArrowLeft", "ArrowRight", "Home"]);

/** Whether the web view would act on this key by itself. */
export function isBrowserKey(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): boolean {
  if (/^F([1-9]|1[0-2])$/.test(event.key)) return true;
  if ((event.ctrlKey || event.metaKey) && WITH_CTRL.has(event.key.toLowerCase())) return true;
  return event.altKey && HISTORY.has(event.key);
}

/** Keys that may go on while they are held: through a list, through a text, to the next control. */
const GOES_ON = /^(Arrow(Up|Down|Left|Right)|Page(Up|Down)|Home|End|Tab|Backspace)$/;

/**
 * A key that is only still down. Whatever decides wants a key of its own: who leans on Enter opens a dialog, and does not
 * answer it. In a text letters go on.
 */
export function isHeldKey(
  event: Pick<KeyboardEvent, "key" | "repeat" | "ctrlKey" | "metaKey" | "altKey">,
  typing: boolean,
): boolean {
  if (!event.repeat || GOES_ON.test(event.key)) return false;
  const types = typing && !event.ctrlKey && !event.metaKey && !event.altKey;
  return !(types && (event.key.length === 1 || event.key === "Delete"));
}

/** Held keys decide nothing, whatever listens for them. */
export function guardHeldKeys(): void {
  const swallow = (event: KeyboardEvent): void => {
    const { target } = event;
    const field = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
    if (!isHeldKey(event, field && target.value !== "")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  window.addEventListener("keydown", swallow, { capture: true });
}

/** In a built window the web view's own shortcuts, menu and drops are off. */
export function guardWindow(): void {
  if (!import.meta.env.PROD) return;
  window.addEventListener("keydown", (event) => isBrowserKey(event) && event.preventDefault(), {
    capture: true,
  });
  for (const name of ["contextmenu", "dragover", "drop"]) {
    window.addEventListener(name, (event) => event.preventDefault());
  }
}
