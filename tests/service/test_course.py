"""`/predict` as the courses' own clients call it: S3's page, S2's page, and their Python, in the same shape."""

import base64
import io
import threading

import pytest
from PIL import Image


def test_the_page_with_a_canvas_gets_a_number_it_can_format(client, one):
    sent = {"image": base64.b64encode(one).decode(), "show_features": True}  # canvas.toDataURL(…).split(',')[1]
    data = client.post("/predict", json=sent).json()
    assert f"Prédit: {data['prediction']} ({data['confidence']:.2f}%)" == f"Prédit: 1 ({data['confidence']:.2f}%)"
    assert 90 < data["confidence"] <= 100
    assert len(data["feature_maps"]) == 8
    for drawn in data["feature_maps"]:
        assert Image.open(io.BytesIO(base64.b64decode(drawn))).size == (112, 112)


def test_without_features_there_are_none(client, one):
    data = client.post("/predict", json={"image": base64.b64encode(one).decode(), "show_features": False}).json()
    assert data["feature_maps"] == []
    assert sum(data["probabilities"]) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("way", ["file", "data url"])
def test_the_page_with_a_file_gets_labels_with_probabilities(client, one, way):
    url = f"data:image/jpeg;base64,{base64.b64encode(one).decode()}"
    sent = {"files": {"image": ("image.jpg", one)}} if way == "file" else {"json": {"image": url}}
    predictions = client.post("/predict", **sent).json()["predictions"]
    assert [set(one) for one in predictions] == [{"label", "probability"}] * 5
    assert predictions[0]["label"].replace("_", " ") == "1"


def test_a_form_may_ask_for_features(client, one):
    data = client.post("/predict", files={"image": one}, data={"show_features": "true"}).json()
    assert len(data["feature_maps"]) == 8


@pytest.mark.parametrize(("said", "maps"), [("on", 8), ("", 0), (None, 0), (False, 0)])
def test_json_may_ask_for_features_as_a_form_does(client, one, said, maps):
    sent = {"image": base64.b64encode(one).decode(), "show_features": said}
    assert len(client.post("/predict", json=sent).json()["feature_maps"]) == maps


@pytest.mark.parametrize("said", [3, [], {}, "perhaps"])
def test_a_wish_that_is_no_switch_is_refused(client, one, said):
    answer = client.post("/predict", json={"image": base64.b64encode(one).decode(), "show_features": said})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_parameter")


PAGE = "http://localhost:8000"


@pytest.mark.parametrize("origin", [PAGE, "*"])
def test_a_page_of_another_origin_may_call_when_it_is_allowed(serving, one, origin):
    """What a browser does for such a page: it asks before it sends JSON, and hides an answer that does not name it."""
    client, page = serving(origins=(origin,)), {"origin": PAGE}
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    before = client.options("/predict", headers=page | asked)
    assert before.status_code == 200
    assert "POST" in before.headers["access-control-allow-methods"]
    assert before.headers["access-control-allow-headers"] == "content-type"
    picture = base64.b64encode(one).decode()
    told = (
        client.post("/predict", json={"image": picture, "show_features": True}, headers=page),
        client.post("/predict", files={"image": ("image.jpg", one)}, headers=page),
        client.post("/predict", json={"image": "nonsense!"}, headers=page),
        client.post("/nowhere", headers=page),
    )
    assert [answer.status_code for answer in told] == [200, 200, 422, 404]
    assert {answer.headers["access-control-allow-origin"] for answer in (before, *told)} == {origin}
    assert "X-Model" in told[0].headers["access-control-expose-headers"]


def test_a_page_of_another_origin_may_not_call_otherwise(serving, one):
    client = serving(origins=(PAGE,))
    for origin in ("http://localhost:8001", "null"):
        answer = client.post("/predict", files={"image": one}, headers={"origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
        assert "access-control-allow-origin" not in answer.headers


def test_maps_that_take_too_long_are_given_up(serving, one, monkeypatch):
    go = threading.Event()
    monkeypatch.setattr("calame.service.routes.course.first_maps", lambda *_: go.wait(5) and [])
    client = serving(seconds=0.3)
    answer = client.post("/predict", json={"image": base64.b64encode(one).decode(), "show_features": True})
    go.set()
    assert (answer.status_code, answer.json()["code"]) == (503, "timed_out")


@pytest.mark.parametrize("sent", [{"json": {}}, {"files": {"other": b"x"}}])
def test_no_picture_is_a_400_with_the_member_error(client, sent):
    answer = client.post("/predict", **sent)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_an_empty_canvas_is_answered_in_the_same_form(client):
    buffer = io.BytesIO()
    Image.new("RGB", (280, 280), "white").save(buffer, "PNG")
    data = client.post("/predict", json={"image": base64.b64encode(buffer.getvalue()).decode()}).json()
    assert (data["prediction"], data["confidence"], data["predictions"]) == (None, 0.0, [])
    assert data["rejected"]
    assert data["reason"]
