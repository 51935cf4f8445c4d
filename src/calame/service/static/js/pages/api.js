/** <api-page>: how a program calls the service, ready to copy. */

import { h, Part } from "../dom.js";
import { codeBlock } from "../parts/code-block.js";
import { spoken, t } from "../words.js";

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
    this.blocks?.replaceChildren(codeBlock("curl", curl(at)), codeBlock("Python", python(at)), codeBlock("JavaScript", javascript(at)), codeBlock(t("api.many"), many(at)), codeBlock(t("api.codes"), codes(at)), codeBlock(t("api.pictures"), pictures(at)));
    this.more?.replaceChildren(h("a", { href: `/docs?lang=${spoken()}` }, t("api.docs")), " · ", h("a", { href: `/openapi.json?lang=${spoken()}` }, "openapi.json"), " · ", h("a", { href: "/metrics" }, t("api.metrics")));
  }
}

const curl = (/** @type {string} */ at) => `# ${t("api.say.picture")}
curl -O ${at}/v1/samples/phone-seven.jpg

curl -F image=@phone-seven.jpg ${at}/v1/digits

# ${t("api.say.steps")}
curl -F image=@phone-seven.jpg "${at}/v1/digits?trace=1&features=1"

# ${t("api.say.model")}
curl "${at}/v1/models?brief=1"
curl -F image=@phone-seven.jpg "${at}/v1/digits?model=digits"`;

const many = (/** @type {string} */ at) => `curl -O ${at}/v1/samples/phone-seven.jpg -O ${at}/v1/samples/fax-two.png

# ${t("api.say.answers")}
curl -F image=@phone-seven.jpg -F image=@fax-two.png ${at}/v1/digits

# ${t("api.say.base64")}
printf '{"images": ["%s"]}' "$(base64 < phone-seven.jpg | tr -d '\\n')" |
curl ${at}/v1/digits -H "Content-Type: application/json" -d @-`;

const codes = (/** @type {string} */ at) => `# ${t("api.say.number")}
curl -F image=@form.jpg ${at}/v1/codes

# ${t("api.say.must")}
curl -F image=@form.jpg "${at}/v1/codes?check=luhn&check=length(11)"
curl -F image=@form.jpg "${at}/v1/codes?max_wrong=1/50"

# ${t("api.say.several")}
curl -F image=@page.jpg "${at}/v1/codes?several=1"

# ${t("api.say.page")}
curl -F image=@scan.pdf "${at}/v1/codes?page=2"
curl -F image=@scan.pdf "${at}/v1/pages?page=2" -o page-2.png

# ${t("api.say.folder")}
calame read --code forms --out codes.xlsx --check luhn`;

const pictures = (/** @type {string} */ at) => `# ${t("api.say.image")}
curl -F image=@photo.jpg "${at}/v1/images?top=3&why="

# ${t("api.say.own")}
curl ${at}/v1/images/models
curl -F image=@photo.jpg "${at}/v1/images?model=mine"`;

const python = (/** @type {string} */ at) => `import base64
import json
from urllib import request as web

at = "${at}/v1"
with web.urlopen(at + "/samples/phone-seven.jpg") as file:
    picture = file.read()  # ${t("api.say.yours")} open("yours.jpg", "rb")

body = {"images": [base64.b64encode(picture).decode()]}
kind = {"Content-Type": "application/json"}
request = web.Request(at + "/digits", json.dumps(body).encode(), kind)
with web.urlopen(request) as answer:
    readings = json.load(answer)["readings"]

for reading in readings:
    print(reading["digit"], reading["confidence"])`;

const javascript = (/** @type {string} */ at) => `const at = "${at}/v1";
const sample = await fetch(at + "/samples/phone-seven.jpg");
const body = new FormData();
body.append("image", await sample.blob()); // ${t("api.say.file")}

const answer = await fetch(at + "/digits", { method: "POST", body });
const reading = await answer.json();
if (!answer.ok) throw new Error(reading.detail); // problem+json
console.log(reading.digit, reading.confidence, reading.top);`;

customElements.define("api-page", ApiPage);
