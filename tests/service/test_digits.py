"""`POST /v1/digits`: every way to send a picture, and all that is told of it."""

import base64
import io
import sqlite3

import cv2
import numpy as np
import pytest
from PIL import Image

from calame.drawing.png import png
from calame.imaging.codec import decode
from calame.locale import catalogue
from calame.reader.digit import DigitReader
from calame.service import database
from calame.service.store import Store
from made_digits import small_on_squared_paper

ROUTE = "/v1/digits"


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def decoded(uri: str) -> np.ndarray:
    return decode(base64.b64decode(uri.partition(",")[2])).pixels


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,", "data:;base64,"])
def test_base64_and_data_urls_are_read(client, one, prefix):
    answer = client.post(ROUTE, json={"image": prefix + text(one)})
    assert answer.status_code == 200
    reading = answer.json()
    assert (reading["digit"], reading["rejected"], reading["reason"]) == (1, None, None)
    assert reading["confidence"] == max(reading["probabilities"]) == reading["top"][0][1]
    assert sum(reading["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert answer.headers["x-model"] == reading["model"] == "digits@1"
    assert decoded(reading["prepared"]).shape == (28, 28)
    assert set(reading["milliseconds"]) == {"decode", "prepare", "network", "all"}
    assert "trace" not in reading
    assert "id" not in reading


def test_a_form_gives_the_same_as_json(client, one):
    asked = client.post(ROUTE, files={"image": ("one.png", one)}).json()
    other = client.post(ROUTE, json={"image": text(one)}).json()
    del asked["milliseconds"], other["milliseconds"]
    assert asked == other


def test_one_beside_several_is_not_passed_over(client, one):
    answer = client.post(ROUTE, json={"images": [text(b"GIF89a")], "image": text(one)})
    assert [reading.get("digit") for reading in answer.json()["readings"]] == [1, None]


def test_several_are_answered_in_order_with_errors_in_their_places(client, one):
    images = [text(one), "not base64!", text(b"GIF89a"), text(one), 5]
    readings = client.post(ROUTE, json={"images": images}, headers={"accept-language": "fr"}).json()["readings"]
    assert [reading.get("digit") for reading in readings] == [1, None, None, 1, None]
    codes = [reading["error"]["code"] for reading in readings if "error" in reading]
    assert codes == ["bad_base64", "damaged_picture", "bad_base64"]
    assert readings[1]["error"]["detail"].startswith("image 2")


def test_several_files_of_a_form_come_back_as_a_list(client, one):
    blank = io.BytesIO()
    Image.new("L", (50, 50), 255).save(blank, "PNG")
    files = [("image", ("a.png", one)), ("image", ("b.png", blank.getvalue()))]
    first, second = client.post(ROUTE, files=files).json()["readings"]
    assert first["digit"] == 1
    assert (second["digit"], second["prepared"], second["top"], second["quality"]) == (None, None, [], None)
    assert second["rejected"] in ("blank", "no_ink")
    assert second["reason"]


def test_the_trace_shows_every_step_and_what_was_left_out(client, one):
    steps = client.post(ROUTE + "?trace=1&off=main,check&lang=fr", json={"image": text(one)}).json()["trace"]
    (model,) = client.get("/v1/models").json()["models"]
    assert [step["step"] for step in steps] == ["decode", *model["steps"]]
    assert [step["step"] for step in steps if step["off"]] == ["main", "check"]
    assert {step["words"] for step in steps} >= {"Gris", "Encre"}
    for step in steps:
        assert (step["image"] is None) == step["off"]
        assert step["off"] or max(decoded(step["image"]).shape[:2]) <= 160
    assert decoded(steps[-1]["image"]).shape == (28, 28)


def test_the_features_are_those_of_the_network(client, one):
    reading = client.post(ROUTE + "?features=1", json={"image": text(one)}).json()
    model = client.app.state.service.desk.models.default
    pixels = decoded(reading["prepared"])[None]
    computed = model.inspector.activations(pixels)
    assert [layer["layer"] for layer in reading["features"]] == list(model.inspector.layers)
    for layer in reading["features"]:
        values = computed[layer["layer"]]
        assert layer["shape"] == list(values.shape[1:])
        most = np.abs(values).max()
        assert layer["low"] == pytest.approx(-most if values.min() < 0 else 0, abs=1e-5)
        assert layer["high"] == pytest.approx(most, abs=1e-5)
    first = reading["features"][0]
    assert first["kind"] == "Conv2D"
    side, count = first["shape"][0], first["shape"][2]
    rows = -(-count // first["columns"])
    sprite = Image.open(io.BytesIO(base64.b64decode(first["image"].partition(",")[2])))
    assert sprite.size == (first["columns"] * (side + 1) - 1, rows * (side + 1) - 1)
    levels = np.asarray(sprite)[np.asarray(sprite) < 255].astype(int)
    assert np.abs(levels - 127).max() == 127  # an end of the palette is the layer's largest value


def test_turned_views_are_the_mean_of_five_and_change_the_probabilities_a_little(client):
    zero = np.full((280, 280), 255, np.uint8)
    cv2.ellipse(zero, (140, 140), (55, 80), 0, 0, 360, 0, 14, cv2.LINE_AA)  # which the first look is sure of
    plain, turned = (client.post(ROUTE + query, json={"image": text(png(zero))}).json() for query in ("", "?tta=1"))
    assert (plain["digit"], plain["looks"], turned["digit"], turned["looks"]) == (0, 1, 0, 5)
    assert turned["probabilities"] != plain["probabilities"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?trace=maybe", 422, "bad_parameter"),
        ("?off=ink", 422, "bad_parameter"),
        ("?off=nothing", 422, "bad_parameter"),
        ("?one-in=200", 422, "unknown_parameter"),
        ("?one_in=few", 422, "bad_parameter"),
        ("?one_in=0", 422, "bad_parameter"),
        ("?one_in=100000", 400, "usage"),
        ("?check=luhn", 422, "unknown_parameter"),
        ("?model=other", 404, "unknown_model"),
        ("?model=../weights/compact", 404, "unknown_model"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(client, one, query, status, code):
    answer = client.post(ROUTE + query, json={"image": text(one)})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_promise_refuses_what_is_not_sure_enough_for_it(client):
    flagged = np.full((280, 280), 255, np.uint8)
    cv2.polylines(flagged, [np.array([(90, 90), (150, 60), (150, 220)])], False, 0, 14, cv2.LINE_AA)
    queries = "", "?one_in=100", "?one_in=200"
    found = [client.post(ROUTE + query, json={"image": text(png(flagged))}).json() for query in queries]
    promised = [reader.read(flagged).digit for reader in (DigitReader(one_in=100), DigitReader(one_in=200))]
    assert [one["digit"] for one in found] == [1, *promised] == [1, 1, None]
    assert len({one["confidence"] for one in found}) == 1


def test_advice_is_named_and_its_first_told_in_words(client):
    small = np.full((60, 60), 200, np.uint8)
    cv2.line(small, (30, 24), (29, 34), 150, 2, cv2.LINE_AA)
    quality = client.post(ROUTE + "?lang=fr", json={"image": text(png(small))}).json()["quality"]
    assert quality["advice"][0] == "closer"
    assert quality["words"] == catalogue("fr")["reading.advice.closer"].strip("()")


@pytest.mark.parametrize("name", ["digits", "digits@1"])
def test_a_model_is_asked_for_by_name(client, one, name):
    assert client.post(f"{ROUTE}?model={name}", json={"image": text(one)}).json()["model"] == "digits@1"


@pytest.mark.parametrize("seed", range(4))
def test_any_steps_may_be_turned_off_whatever_the_picture(client, seed):
    random = np.random.default_rng(seed)
    removable = [
        step
        for step in client.get("/v1/models").json()["models"][0]["steps"]
        if step not in {"grey", "ink", "crop", "scale", "centre"}
    ]
    shape = tuple(random.integers(1, 700, 2)) + ((3,) if seed % 2 else ())
    buffer = io.BytesIO()
    Image.fromarray(random.integers(0, 256, shape, np.uint8)).save(buffer, "PNG")
    for off in (removable, list(random.permutation(removable)[:4])):
        answer = client.post(f"{ROUTE}?trace=1&off={','.join(off)}", files={"image": buffer.getvalue()})
        assert answer.status_code == 200, answer.text


def test_a_reading_is_kept_when_asked(serving, one, tmp_path):
    client = serving(database=f"sqlite:///{tmp_path / 'history.db'}")
    kept = client.post(ROUTE + "?keep=1", files={"image": ("a.png", one)}).json()
    (item,) = client.get("/v1/history").json()["items"]
    assert (item["id"], item["name"], item["digit"], item["prepared"]) == (kept["id"], "a.png", 1, kept["prepared"])
    client.put("/v1/history/settings", json={"keep": False})
    assert client.post(ROUTE + "?keep=1", files={"image": ("a.png", one)}).json()["id"] is None


def test_several_are_kept_together_in_order_and_without_the_bad(serving, one, tmp_path):
    client = serving(database=f"sqlite:///{tmp_path / 'history.db'}")
    files = [("image", ("a.png", one)), ("image", ("b.png", b"no picture")), ("image", ("c.png", one))]
    readings = client.post(ROUTE + "?keep=1", files=files).json()["readings"]
    assert [reading.get("id") for reading in readings] == [1, None, 2]
    assert [item["name"] for item in client.get("/v1/history").json()["items"]] == ["c.png", "a.png"]


def test_a_history_that_is_locked_is_waited_for_once(serving, one, tmp_path, monkeypatch):
    monkeypatch.setattr(database, "WAIT", 0.05)
    client = serving(database=f"sqlite:///{tmp_path / 'history.db'}")
    assert client.get("/v1/history").status_code == 200  # the tables are made
    other = sqlite3.connect(tmp_path / "history.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    offers = []
    real = client.app.state.service.store.offer
    monkeypatch.setattr(Store, "offer", lambda _, entries: offers.append(len(entries)) or real(entries))
    answer = client.post(ROUTE + "?keep=1", files=[("image", ("a.png", one))] * 5)
    other.close()
    assert [reading["id"] for reading in answer.json()["readings"]] == [None] * 5
    assert offers == [5]


def test_without_a_history_nothing_is_kept(client, one):
    assert client.post(ROUTE + "?keep=1", files={"image": one}).json()["id"] is None
    assert client.get("/v1/history").json()["items"] == []


def test_a_closer_look_is_told_in_the_trace_whichever_steps_are_left_out(client):
    picture = bytes(png(small_on_squared_paper()))
    told = client.post(ROUTE + "?trace=1", files={"image": picture}).json()
    assert told["digit"] == 7
    assert [step["step"] for step in told["trace"]][:3] == ["decode", "closer", "grey"]
    assert told["trace"][1]["needed"] is True
    apart = client.post(ROUTE + "?trace=1&off=contrast", files={"image": picture}).json()
    assert [step["step"] for step in apart["trace"]][:2] == ["decode", "closer"]
    assert [step["step"] for step in apart["trace"] if step["off"]] == ["contrast"]
