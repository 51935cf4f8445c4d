"""`POST /v1/images` and `/images/predict`: the same ways in, limits and errors as the digits', another network."""

import base64
import io
import json
import shutil
from dataclasses import replace

import pytest
from PIL import Image

import smallnet
from calame.artifact import MODEL, write
from calame.images.names import french
from calame.imaging.codec import decode
from calame.service import looking

ROUTE = "/v1/images"


def encoded(seed: int = 0) -> bytes:
    content = io.BytesIO()
    Image.fromarray(smallnet.photo(seed)).save(content, "PNG")
    return content.getvalue()


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.fixture
def home(tmp_path):
    smallnet.folder(tmp_path / "models" / "mobilenetv2" / "1", name="mobilenetv2")
    smallnet.folder(tmp_path / "models" / "flowers" / "1", seed=1, name="flowers", calibration={"none_of_these": 1.0})
    return tmp_path


@pytest.fixture
def client(serving, home):
    return serving(models=home / "models")


def test_a_picture_gets_its_classes(client):
    answer = client.post(ROUTE, files={"image": ("a.png", encoded())})
    assert answer.status_code == 200
    seen = answer.json()
    assert [set(one) for one in seen["predictions"]] == [{"label", "name", "probability"}] * 5
    assert (seen["rejected"], seen["reason"]) == (None, None)
    assert answer.headers["x-model"] == seen["model"] == "mobilenetv2@1"
    assert client.post(ROUTE, json={"image": "data:image/png;base64," + text(encoded())}).json() == seen


def test_several_are_answered_in_order_with_errors_in_their_places(client):
    images = [text(encoded(1)), "not base64!", text(b"GIF89a"), text(encoded(2))]
    readings = client.post(f"{ROUTE}?top=1", json={"images": images}, headers={"accept-language": "fr"}).json()[
        "readings"
    ]
    assert [reading["error"]["code"] if "error" in reading else "" for reading in readings] == [
        "", "bad_base64", "damaged_picture", "",
    ]  # fmt: skip
    assert readings[2]["error"]["detail"].startswith("image 3")
    assert readings[3] == client.post(f"{ROUTE}?top=1", files={"image": encoded(2)}).json()


def test_the_map_of_a_class_is_a_picture_with_its_place(client):
    why = client.post(f"{ROUTE}?why=", files={"image": encoded()}).json()["why"]
    assert decode(base64.b64decode(why["image"].partition(",")[2])).pixels.shape == (112, 112, 3)
    assert why["low"] < why["high"]
    assert why["seen"] == pytest.approx({"left": 0.166, "top": 0.05, "width": 0.667, "height": 0.9}, abs=0.02)
    assert client.post(f"{ROUTE}?why=dog", files={"image": encoded()}).json()["why"]["label"] == "dog"
    assert client.post(f"{ROUTE}?why=unicorn", files={"image": encoded()}).status_code == 400


def test_a_network_without_places_says_so_and_still_answers(serving, tmp_path):
    place = tmp_path / "mobilenetv2" / "1"
    whole = smallnet.folder(tmp_path / "whole", name="mobilenetv2")
    write(place, replace(whole.manifest, files={}), {MODEL: whole.read(MODEL)})
    client = serving(models=tmp_path)
    assert client.post(ROUTE, files={"image": encoded()}).status_code == 200
    answer = client.post(f"{ROUTE}?why=", files={"image": encoded()})
    assert (answer.status_code, answer.json()["code"]) == (422, "unexplained")
    assert "mean over the places" in answer.json()["detail"]


def test_the_names_are_in_the_language_asked_for_and_the_labels_are_not(serving, tmp_path):
    smallnet.folder(tmp_path / "mobilenetv2" / "1", name="mobilenetv2", classes=tuple(french()))
    smallnet.folder(tmp_path / "own" / "1", name="own")
    client, told = serving(models=tmp_path), {}
    for language in ("fr", "en"):
        spoken = {"accept-language": language}
        told[language] = client.post(f"{ROUTE}?why=", files={"image": encoded()}, headers=spoken).json()
        own = client.post(f"{ROUTE}?model=own", files={"image": encoded()}, headers=spoken).json()["predictions"]
        assert {"great white shark", "crane"} < {one["name"] for one in own}
    for one in (*told["fr"]["predictions"], told["fr"]["why"]):
        assert one["name"] == french()[one["label"]]
    for one, other in zip(told["fr"]["predictions"], told["en"]["predictions"], strict=True):
        assert (one["label"], one["probability"]) == (other["label"], other["probability"])
        assert other["name"] == one["label"].replace("_", " ")


@pytest.mark.parametrize("query", ["top=0", "top=x", "top=1001", "lang=de"])
def test_parameters_are_checked(client, query):
    answer = client.post(f"{ROUTE}?{query}", files={"image": encoded()})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_parameter")


@pytest.mark.parametrize("way", ["file", "data url"])
def test_the_course_s_clients_get_their_five(client, way):
    url = f"data:image/jpeg;base64,{text(encoded())}"
    sent = {"files": {"image": ("image.jpg", encoded())}} if way == "file" else {"json": {"image": url}}
    answer = client.post("/images/predict", **sent, headers={"accept-language": "fr"}).json()
    assert set(answer) == {"predictions", "rejected", "reason", "model"}
    predictions = answer["predictions"]
    assert [set(one) for one in predictions] == [{"label", "probability"}] * 5
    for one in predictions:  # as the page does
        assert f"{one['label'].replace('_', ' ')} {one['probability'] * 100:.2f}%"
    refused = client.post("/images/predict", json={"nothing": "here"})
    assert (refused.status_code, refused.json()["code"]) == (400, "no_picture")
    assert "error" in refused.json()


def test_missing_weights_are_a_problem_with_the_command_and_without_our_folders(serving, tmp_path):
    answer = serving(models=tmp_path / "models").post(ROUTE, files={"image": encoded()})
    assert (answer.status_code, answer.json()["code"]) == (503, "no_weights")
    assert "calame data fetch images" in answer.json()["detail"]
    assert answer.json()["command"] == "calame data fetch images"
    assert str(tmp_path) not in answer.text


def test_one_s_own_network_is_asked_for_by_name_at_once(client, home):
    assert client.get(f"{ROUTE}/models").json()["models"] == ["mobilenetv2@1", "flowers@1"]
    answer = client.post(f"{ROUTE}?model=flowers", files={"image": encoded()})
    assert answer.json()["model"] == "flowers@1"
    assert len(answer.json()["predictions"]) == 4
    smallnet.folder(home / "models" / "boats" / "1", name="boats")
    assert client.post(f"{ROUTE}?model=boats@1", files={"image": encoded()}).status_code == 200
    smallnet.folder(home / "models" / "flowers" / "2", name="flowers", version="2")
    assert client.post(f"{ROUTE}?model=flowers", files={"image": encoded()}).json()["model"] == "flowers@2"
    unknown = client.post(f"{ROUTE}?model=../../etc", files={"image": encoded()})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_model")
    assert client.post(f"{ROUTE}?model=digits", files={"image": encoded()}).status_code == 404


def test_the_digits_know_nothing_of_them(client, one):
    assert [model["id"] for model in client.get("/v1/models").json()["models"]] == ["digits@1"]
    assert client.post("/v1/digits", files={"image": one}).json()["model"] == "digits@1"


def test_limits_count_for_both_together(serving, home):
    client = serving(models=home / "models", pictures=2, pixels=80_000)
    many = client.post(ROUTE, json={"images": [text(encoded())] * 3})
    assert (many.status_code, many.json()["code"]) == (413, "too_many_pictures")
    content = io.BytesIO()
    Image.new("RGB", (400, 300)).save(content, "PNG")
    large = client.post(ROUTE, files={"image": content.getvalue()})
    assert (large.status_code, large.json()["code"]) == (413, "picture_too_large")
    slowed = serving(models=home / "models", rate=1)
    assert [slowed.post("/images/predict", files={"image": encoded()}).status_code for _ in range(2)] == [200, 429]


def test_they_are_counted_with_the_others(client):
    client.post(ROUTE, files={"image": encoded()})
    measured = client.get("/metrics").text
    assert 'calame_readings_total{decision="answered",model="mobilenetv2@1"} 1.0' in measured


def test_no_network_is_opened_before_it_is_asked_for(client):
    assert client.app.state.service.desk.looking.opened == {}
    assert json.loads(client.get("/health/ready").text)
    assert client.app.state.service.desk.looking.opened == {}


def test_what_is_trained_anew_after_a_deletion_is_not_what_was_open_under_its_name(client, home, monkeypatch):
    monkeypatch.setattr(looking, "FRESH", 0.0)
    asked = {"url": f"{ROUTE}?model=flowers@1", "files": {"image": encoded()}}
    before = client.post(**asked).json()["predictions"]
    assert client.post(**asked).json()["predictions"] == before
    shutil.rmtree(home / "models" / "flowers" / "1")
    assert client.post(**asked).json()["code"] == "unknown_model"
    smallnet.folder(home / "models" / "flowers" / "1", seed=2, name="flowers", calibration={"none_of_these": 1.0})
    assert client.post(**asked).json()["predictions"] != before
    assert client.post(ROUTE, files={"image": encoded()}).status_code == 200
