/** <api-page>: how a program calls the service, ready to copy. */

import { h, Part } from "../dom.js";
import { codeBlock } from "../parts/code-block.js";
import { t } from "../words.js";

const FIELDS = ["digit", "confidence", "rejected", "probabilities", "quality", "prepared"];

export class ApiPage extends Part {
  build() {
    this.blocks = h("div", { class: "codes" });
    this.more = h("p");
    this.append(
      h("header", { class: "page-head" }, h("h1", { t: "api.title" }), h("p", { class: "lede", t: "api.about" })),
      this.blocks, h("h2", { t: "api.answer" }), h("div", { class: "prose" }, h("dl", { class: "fields" }, ...FIELDS.flatMap((name) => [h("dt", {}, name), h("dd", { t: `api.field.${name}` })])), h("p", { t: "api.errors" }), this.more),
    );
  }

  say() {
    const at = location.origin;
    this.blocks?.replaceChildren(codeBlock("curl", curl(at)), codeBlock("Python", python(at)), codeBlock("JavaScript", javascript(at)), codeBlock(t("api.many"), many(at)));
    this.more?.replaceChildren(h("a", { href: "/docs" }, t("api.docs")), " · ", h("a", { href: "/openapi.json" }, "openapi.json"), " · ", h("a", { href: "/metrics" }, t("api.metrics")));
  }
}

const curl = (/** @type {string} */ at) => `curl -F image=@seven.png ${at}/v1/digits

# every preparation step and every layer, too
curl -F image=@seven.png "${at}/v1/digits?trace=1&features=1"

# by another model
curl ${at}/v1/models?brief=1
curl -F image=@seven.png "${at}/v1/digits?model=NAME"`;

const many = (/** @type {string} */ at) => `# answers in order; a bad picture is an error in its place
curl -F image=@one.png -F image=@two.jpg ${at}/v1/digits

# base64 or data URLs in JSON
curl ${at}/v1/digits -H "Content-Type: application/json" \\
     -d '{"images": ["data:image/png;base64,…", "…"]}'`;

const python = (/** @type {string} */ at) => `import httpx

url = "${at}/v1/digits"
with open("seven.png", "rb") as picture:
    answer = httpx.post(url, files={"image": picture})

reading = answer.raise_for_status().json()
print(reading["digit"], reading["confidence"], reading["rejected"])`;

const javascript = (/** @type {string} */ at) => `const body = new FormData();
body.append("image", file); // a File or a Blob

const url = "${at}/v1/digits";
const answer = await fetch(url, { method: "POST", body });
const reading = await answer.json();
if (!answer.ok) throw new Error(reading.detail); // problem+json
console.log(reading.digit, reading.confidence, reading.top);`;

customElements.define("api-page", ApiPage);
