/** <line-pad>: a line of paper to write a number on; <line-camera>: the camera with a frame for a line. */

import { codes } from "../codes.js";
import { CameraView } from "./camera-view.js";
import { DrawingPad } from "./drawing-pad.js";

export class LinePad extends DrawingPad {
  /** @override */
  get desk() {
    return codes;
  }

  /** @override */
  get width() {
    return 840;
  }

  /** @override */
  get height() {
    return 240;
  }

  /** @override */
  get words() {
    return { label: "codes.pad.label", hint: "codes.pad.hint", keys: "codes.pad.keys", id: "line-keys" };
  }

  /** @override a key says nothing of a whole number */
  async correct() {}
}

export class LineCamera extends CameraView {
  /** @override */
  get desk() {
    return codes;
  }

  /** @override */
  get guide() {
    return { width: 960, height: 240, aspect: 16 / 9, across: 0.9, down: 0.4 };
  }

  /** @override */
  get words() {
    return { about: "codes.camera.about", hold: "codes.camera.hold" };
  }
}

customElements.define("line-pad", LinePad);
customElements.define("line-camera", LineCamera);
