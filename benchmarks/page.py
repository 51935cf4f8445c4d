"""How long the page takes to answer once the pen rests, in a real browser, beside what the service alone takes.

    python benchmarks/page.py

Needs Playwright (group dev) and Chromium. A 7 is drawn with the mouse; then, fifteen times, from the end of a stroke
to the answer on the page. Prints one JSON object: milliseconds, and the ratio to the same reading without a page.
"""

import json
import shutil
import statistics
import time
import urllib.request

from playwright.sync_api import sync_playwright

import service

SEVEN = [(80, 75), (195, 75), (150, 150), (125, 215)]
ROUNDS = 15
REST = """async (rounds) => {
  const { studio } = await import('/static/js/studio.js');
  const waits = [];
  for (let turn = 0; turn < rounds; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const started = performance.now();
    const read = new Promise((resolve) => studio.addEventListener('reading', resolve, { once: true }));
    studio.touch();
    await read;
    waits.push(performance.now() - started);
  }
  return waits;
}"""


def main() -> None:
    with service.service(1) as (port, _, _):
        page = on_page(f"http://127.0.0.1:{port}")
        alone = without(port)
    result = {"benchmark": "page", "milliseconds": round(page, 1), "without the page": round(alone, 1)}
    print(json.dumps(result | {"ratio": round(page / alone, 1)}))


def on_page(address: str) -> float:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(address)
        box = page.locator(".pad-paper").bounding_box()
        assert box is not None
        x, y = (
            (SEVEN[0][axis] / 280 * box[size] + box[key]) for axis, size, key in ((0, "width", "x"), (1, "height", "y"))
        )
        page.mouse.move(x, y)
        page.mouse.down()
        for across, down in SEVEN[1:]:
            page.mouse.move(box["x"] + across / 280 * box["width"], box["y"] + down / 280 * box["height"], steps=8)
        page.mouse.up()
        page.wait_for_selector(".answer-top li")
        waits = page.evaluate(REST, ROUNDS)
        browser.close()
    return statistics.median(waits)


def without(port: int) -> float:
    waits = []
    for _ in range(ROUNDS):
        head, _, body = service.multipart(service.drawing(7)).partition(b"\r\n\r\n")
        kind = head.partition(b"Content-Type: ")[2].partition(b"\r\n")[0].decode()
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/v1/digits", body, {"Content-Type": kind})
        started = time.perf_counter()
        with urllib.request.urlopen(asked) as answer:
            answer.read()
        waits.append((time.perf_counter() - started) * 1e3)
    return statistics.median(waits)


if __name__ == "__main__":
    main()
