/** <camera-view>: the camera with a guide frame; what is inside the frame is read. */

import { turnOff, turnOn } from "../camera.js";
import { h, Part } from "../dom.js";
import { sourceOf } from "../pictures.js";
import { studio } from "../studio.js";
import { t } from "../words.js";

const LIVE = 350; // milliseconds between two readings

export class CameraView extends Part {
  #timer = 0;
  #word = "";

  /** What reads what the camera sees. */
  get desk() {
    return studio;
  }

  /**
   * What is read: its size in pixels, the shape of the frame that shows the video (width to height), and which share of
   * that it takes, as the guide frame in the style sheet.
   */
  get guide() {
    return { width: 480, height: 480, aspect: 1, across: 0.62, down: 0.62 };
  }

  /** Keys of the words before and while the camera is on. */
  get words() {
    return { about: "camera.about", hold: "camera.hold" };
  }

  build() {
    this.video = h("video", { playsinline: true, muted: true, tLabel: "camera.view" });
    this.video.muted = true;
    this.taken = h("canvas", { width: this.guide.width, height: this.guide.height, class: "camera-taken", hidden: true, role: "img", tLabel: "camera.taken" });
    this.frame = h("div", { class: "camera-frame" }, this.video, this.taken, h("div", { class: "camera-guide", "aria-hidden": "true" }));
    this.word = h("p", { class: "small", role: "status" });
    this.start = h("button", { type: "button", class: "button", t: "camera.start", on: { click: () => this.#start() } });
    this.take = h("button", { type: "button", class: "button", t: "camera.take", hidden: true, on: { click: () => this.#take() } });
    this.again = h("button", { type: "button", class: "quietly", t: "camera.again", hidden: true, on: { click: () => this.#live() } });
    this.stop = h("button", { type: "button", class: "quietly", t: "camera.stop", hidden: true, on: { click: () => this.close() } });
    this.append(this.frame, h("div", { class: "row" }, this.start, this.take, this.again, this.stop), this.word);
    this.#tell(this.words.about);
  }

  say() {
    if (this.word) this.word.textContent = t(this.#word);
  }

  open() {
    this.desk.show(null);
  }

  close() {
    clearInterval(this.#timer);
    turnOff(this.video);
    this.#buttons("start");
  }

  async #start() {
    const video = /** @type {HTMLVideoElement} */ (this.video);
    const trouble = await turnOn(video, this);
    if (trouble) return this.#tell(trouble);
    if (!video.srcObject) return;
    await video.play();
    this.#live();
  }

  /** Read what the frame holds, again and again, until it is taken. */
  #live() {
    this.#tell(this.words.hold);
    this.#buttons("take");
    clearInterval(this.#timer);
    this.#grab();
    this.desk.show(this.#source());
    this.#timer = window.setInterval(() => {
      if (this.desk.source?.kind !== "camera") return this.close();
      this.#grab();
      this.desk.touch();
    }, LIVE);
  }

  async #take() {
    clearInterval(this.#timer);
    this.#grab();
    this.#buttons("again");
    const blob = /** @type {Blob} */ (await this.#source().blob());
    this.desk.show(await sourceOf("camera", blob, "camera.png"));
    await this.desk.keep();
  }

  /** @returns {import("../studio.js").Source} the frame, as it is at each reading */
  #source() {
    const canvas = /** @type {HTMLCanvasElement} */ (this.taken);
    return { kind: "camera", name: "camera.png", picture: () => canvas, blob: () => new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92)) };
  }

  #grab() {
    const video = /** @type {HTMLVideoElement} */ (this.video);
    const { width, height, aspect, across, down } = this.guide;
    const seen = Math.min(video.videoWidth, video.videoHeight * aspect); // pixels across that the frame shows
    const [wide, high] = [seen * across, (seen / aspect) * down];
    const [left, top] = [(video.videoWidth - wide) / 2, (video.videoHeight - high) / 2];
    this.taken?.getContext("2d", { willReadFrequently: true })?.drawImage(video, left, top, wide, high, 0, 0, width, height);
  }

  /** @param {string} key */
  #tell(key) {
    this.#word = key;
    this.say();
  }

  /** @param {"start" | "take" | "again"} state */
  #buttons(state) {
    const { start, take, again, stop, taken } = this;
    if (!start || !take || !again || !stop || !taken) return;
    start.hidden = state !== "start";
    take.hidden = state !== "take";
    again.hidden = state !== "again";
    stop.hidden = state === "start";
    taken.hidden = state !== "again";
    this.classList.toggle("on", state !== "start");
  }
}

customElements.define("camera-view", CameraView);
