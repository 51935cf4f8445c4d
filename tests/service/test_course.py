"""`/predict` as the courses' own clients call it: S3's page, S2's page, and their Python, in the same shape."""

import base64
import io

import pytest
from PIL import Image


def test_the_page_with_a_canvas_gets_a_number_it_can_format(client, one):
    sent = {"image": base64.b64encode(one).decode(), "show_features": True}  # canvas.toDataURL(…).split(',')[1]
    data = client.post("/predict", json=sent).json()
    assert f"Prédit: {data['prediction']} ({data['confidence']:.2f}%)" == f"Prédit: 1 ({data['confidence']:.2f}%)"
    assert 99 < data["confidence"] <= 100
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
