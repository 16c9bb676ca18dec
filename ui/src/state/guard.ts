/** Keys by which a browser would leave, reload, print, search or open its tools. The till keeps or drops them. */
const WITH_CTRL = new Set(["p", "r", "f", "g", "s", "u", "o", "j", "d", "h", "n", "t", "w", "+", "-", "0"]);
const HISTORY = new Set(["ArrowLeft", "ArrowRight", "Home"]);

/** Whether the web view would act on this key by itself. */
export function isBrowserKey(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): boolean {
  if (/^F([1-9]|1[0-2])$/.test(event.key)) return true;
  if ((event.ctrlKey || event.metaKey) && WITH_CTRL.has(event.key.toLowerCase())) return true;
  return event.altKey && HISTORY.has(event.key);
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
