/** The list of pages, which on a phone lies over the page behind one button. */

/** Close it behind the focus: Tab past its last name, and it would stay open over what has the focus now. */
export function closeBehindFocus() {
  document.querySelector("#nav")?.addEventListener("focusout", (event) => {
    const { currentTarget, relatedTarget: to } = /** @type {FocusEvent} */ (event);
    const menu = /** @type {HTMLElement} */ (currentTarget);
    if (to instanceof Element && !menu.contains(to) && !to.closest(".menu")) menu.hidePopover?.();
  });
}
