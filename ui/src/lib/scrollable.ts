/** Makes a region that overflows reachable by Tab, so that a keyboard can scroll it; nothing while it fits. */
export function scrollable(region: HTMLElement): () => void {
  const update = (): void => {
    if (region.scrollHeight > region.clientHeight) region.tabIndex = 0;
    else region.removeAttribute("tabindex");
  };
  const sizes = new ResizeObserver(update);
  const content = new MutationObserver(update);
  sizes.observe(region);
  content.observe(region, { childList: true, subtree: true });
  return () => {
    sizes.disconnect();
    content.disconnect();
  };
}
