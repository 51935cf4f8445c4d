/** A page that the server wrote: the theme's choice and the menu in its head, as in the app; a language that is chosen is remembered. */

import { closeBehindFocus } from "./dom.js";
import { LANGUAGES, remember, speak } from "./words.js";

closeBehindFocus(document.querySelector("#nav"));
for (const language of LANGUAGES) document.querySelector(`.languages [lang="${language}"]`)?.addEventListener("click", () => remember(language));
await speak(LANGUAGES.find((one) => one === document.documentElement.lang) ?? "en");
await import("./parts/theme-choice.js"); // when there are words for it
