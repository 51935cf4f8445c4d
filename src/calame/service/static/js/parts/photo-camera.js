/** <photo-camera>: the camera for whole photos; says "photo" with the file when one is taken. */

import { turnOff, turnOn } from "../camera.js";
import { h, Part } from "../dom.js";
import { t } from "../words.js";

export class PhotoCamera extends Part {
  #word = "";
  #taken = 0;

  build() {
    this.video = h("video", { playsinline: true, muted: true, hidden: true, tLabel: "camera.view" });
    this.video.muted = true;
    this.word = h("p", { class: "small quiet", role: "status", hidden: true });
    this.start = h("button", { type: "button", class: "button light", t: "camera.start", on: { click: () => this.#start() } });
    this.shoot = h("button", { type: "button", class: "button", t: "camera.take", hidden: true, on: { click: () => this.#shoot() } });
    this.stop = h("button", { type: "button", class: "quietly", t: "camera.stop", hidden: true, on: { click: () => this.close() } });
    this.classList.add("pics-camera");
    this.append(this.video, h("div", { class: "row" }, this.start, this.shoot, this.stop), this.word);
  }

  say() {
    if (!this.word) return;
    this.word.textContent = this.#word && t(this.#word);
    this.word.hidden = !this.#word;
  }

  close() {
    turnOff(this.video);
    this.#show(false);
  }

  async #start() {
    const video = /** @type {HTMLVideoElement} */ (this.video);
    const trouble = await turnOn(video, this);
    this.#tell(trouble);
    if (!video.srcObject) return;
    this.#show(true);
    await video.play();
  }

  async #shoot() {
    const video = /** @type {HTMLVideoElement} */ (this.video);
    if (!video.videoWidth) return;
    const canvas = h("canvas", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d")?.drawImage(video, 0, 0);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
    this.#taken += 1;
    this.dispatchEvent(new CustomEvent("photo", { detail: new File([/** @type {Blob} */ (blob)], `camera-${this.#taken}.jpg`) }));
  }

  /** @param {boolean} on */
  #show(on) {
    const { video, start, shoot, stop } = this;
    if (!video || !start || !shoot || !stop) return;
    for (const one of [video, shoot, stop]) one.hidden = !on;
    start.hidden = on;
    (on ? shoot : start).focus();
  }

  /** @param {string} key */
  #tell(key) {
    this.#word = key;
    this.say();
  }
}

customElements.define("photo-camera", PhotoCamera);
