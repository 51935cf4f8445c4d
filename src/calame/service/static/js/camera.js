/** A camera on a video element: turned on, or the word that says why not; turned off. What is read of it is not known here. */

/** What to say for each way in which a browser refuses. */
const REFUSALS = /** @type {Record<string, string>} */ ({
  NotAllowedError: "camera.refused", SecurityError: "camera.refused", NotFoundError: "camera.none", OverconstrainedError: "camera.none",
});

const LOOK = 500; // milliseconds between two looks whether anybody sees it

/** @typedef {HTMLElement & { close: () => void }} Viewer what the video is part of; it can turn the camera off */

/** @param {Viewer} viewer whether it is in its place: not behind another tab, nor on a page that was left */
const isShown = (viewer) => viewer.getClientRects().length > 0;

/**
 * @param {HTMLVideoElement} video shows what the camera sees, once it is on; left before that, it stays off
 * @param {Viewer} viewer is closed when it is left: nobody thinks of a camera that is out of sight
 * @returns {Promise<string>} the key of the word that says why it is not on; empty when it is
 */
export async function turnOn(video, viewer) {
  if (!navigator.mediaDevices?.getUserMedia) return "camera.insecure";
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
  } catch (error) {
    return REFUSALS[/** @type {Error} */ (error).name] ?? "camera.busy";
  }
  if (isShown(viewer)) watch(video, viewer);
  else turnOff(video);
  return "";
}

/**
 * @param {HTMLVideoElement} video
 * @param {Viewer} viewer
 */
function watch(video, viewer) {
  const stream = video.srcObject;
  const timer = setInterval(() => {
    if (video.srcObject === stream && isShown(viewer)) return;
    clearInterval(timer);
    if (video.srcObject === stream) viewer.close();
  }, LOOK);
}

/** @param {HTMLVideoElement | undefined} video its camera's light goes out */
export function turnOff(video) {
  if (!(video?.srcObject instanceof MediaStream)) return;
  for (const track of video.srcObject.getTracks()) track.stop();
  video.srcObject = null;
}
