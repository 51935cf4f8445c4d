/** A camera on a video element: turned on, or the word that says why not; turned off. What is read of it is not known here. */

/** What to say for each way in which a browser refuses. */
const REFUSALS = /** @type {Record<string, string>} */ ({
  NotAllowedError: "camera.refused", SecurityError: "camera.refused", NotFoundError: "camera.none", OverconstrainedError: "camera.none",
});

/**
 * @param {HTMLVideoElement} video shows what the camera sees, once it is on
 * @returns {Promise<string>} the key of the word that says why it is not on; empty when it is
 */
export async function turnOn(video) {
  if (!navigator.mediaDevices?.getUserMedia) return "camera.insecure";
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
  } catch (error) {
    return REFUSALS[/** @type {Error} */ (error).name] ?? "camera.busy";
  }
  return "";
}

/** @param {HTMLVideoElement | undefined} video its camera's light goes out */
export function turnOff(video) {
  if (!(video?.srcObject instanceof MediaStream)) return;
  for (const track of video.srcObject.getTracks()) track.stop();
  video.srcObject = null;
}
