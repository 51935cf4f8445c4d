/** Asks before the whole pile is cleared: what a person typed is nowhere else. */

import { h } from "../dom.js";

/** @param {() => void} all clears it */
export function clearDialog(all) {
  const close = () => dialog.close();
  const yes = () => {
    close();
    all();
  };
  const dialog = h("dialog", { "aria-labelledby": "pile-title" },
    h("h2", { id: "pile-title", t: "codes.clear.title" }), h("p", { t: "codes.clear.about" }),
    h("div", { class: "row" },
      h("button", { type: "button", class: "button danger", t: "import.clear", on: { click: yes } }),
      h("button", { type: "button", class: "quietly", t: "codes.clear.no", on: { click: close } })));
  return dialog;
}
