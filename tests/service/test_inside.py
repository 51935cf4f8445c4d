"""`/v1/inside`: what is told is what `explain` finds; hostile questions get their problem, and nothing stays behind."""

import asyncio
import base64
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from calame import explain
from calame.drawing.png import png, uri
from calame.errors import Overloaded
from calame.explain.neighbours import SHIPPED
from calame.explain.network import Network
from calame.service.inside import Lane, NobodyWaits
from calame.shelf import Shelf

QUESTIONS = ("map?layer=stage1_conv", "class?digit=1", "occlusion?digit=1", "neighbours?", "sweep?kind=noise", "flip?")


@pytest.fixture(scope="session")
def network():
    return Network(Shelf(None).find("digits"))


@pytest.fixture(scope="session")
def seen(client, one):
    """The picture as the network sees it: (28, 28), and as the API takes it."""
    prepared = client.post("/v1/digits", files={"image": one}).json()["prepared"]
    found = client.post("/v1/inside?prepared=1", json={"image": prepared}).json()
    assert found["prepared"] == prepared
    pixels = np.rint(array(ask(client, "map?layer=stage1_conv", prepared)["inputs"])[0] * 255).astype(np.uint8)
    return pixels, prepared


@pytest.fixture
def patient(serving):
    """A client of a service that waits as long as it takes, however busy the machine is."""
    return serving(seconds=600)


def ask(client, question, picture):
    answer = client.post(f"/v1/inside/{question}&prepared=1", json={"image": picture})
    assert answer.status_code == 200, answer.text
    return answer.json()


def array(told):
    return np.frombuffer(base64.b64decode(told["floats"]), "<f4").reshape(told["shape"])


def test_the_maps_are_those_of_the_network(client, network, seen):
    pixels, prepared = seen
    told = client.post("/v1/inside?prepared=1", json={"image": prepared}).json()
    real = explain.feature_maps(network, pixels)
    stages = {stage.name: stage.shown for stage in explain.outline(network)}
    assert [stage["name"] for stage in told["stages"]] == list(stages)
    for stage in told["stages"]:
        levels = np.frombuffer(base64.b64decode(stage["levels"]), np.uint8).reshape(stage["shape"])
        values = stage["low"] + levels / 255 * (stage["high"] - stage["low"])
        expected = real[stages[stage["name"]]]
        expected = expected.transpose(2, 0, 1) if expected.ndim == 3 else expected
        assert np.abs(values - expected).max() <= (stage["high"] - stage["low"]) / 509
        assert stage["low"] <= 0 <= stage["high"]
    assert told["probabilities"] == pytest.approx(network.classify(pixels[None])[0].tolist(), abs=1e-5)
    assert told["reading"] is None


def test_a_drawing_is_read_and_looked_into_at_once(client, one):
    told = client.post("/v1/inside", files={"image": one}).json()
    assert told["reading"]["digit"] == int(np.argmax(told["probabilities"])) == 1
    assert len(told["stages"]) == 12


def test_what_the_reader_says_stands_beside_what_one_look_says(client, one):
    told = client.post("/v1/inside", files={"image": one}).json()
    reader, reading = told["reader"], client.post("/v1/digits", files={"image": one}).json()
    assert {name: reader[name] for name in ("digit", "confidence", "rejected", "looks")} == {
        name: reading[name] for name in ("digit", "confidence", "rejected", "looks")
    }
    assert reader["calibrated"]
    assert reader["confidence"] != pytest.approx(max(told["probabilities"]), abs=1e-3)


def test_where_there_is_no_ink_there_is_a_reason_and_no_maps(client):
    blank = png(np.full((280, 280), 255, np.uint8))
    told = client.post("/v1/inside", files={"image": blank}).json()
    assert (told["stages"], told["reading"]["rejected"]) == ([], "blank")
    answer = client.post("/v1/inside/class?digit=3", files={"image": blank})
    assert (answer.status_code, answer.json()["code"]) == (422, "unexplained")


def test_the_network_comes_as_columns_with_digits_to_try(client):
    told = client.get("/v1/inside/network").json()
    stages = {stage["name"]: stage for stage in told["stages"]}
    assert stages["output"]["sources"] == ["mean", "max", "place"]
    assert len(stages["stage1_conv"]["telling"]) == 8
    for digit, sample in enumerate(told["samples"]):
        read = client.post("/v1/inside?prepared=1", json={"image": sample}).json()
        assert int(np.argmax(read["probabilities"])) == digit
    assert told["credit"] == ["MNIST, CC BY-SA 3.0"]


def test_a_map_is_written_out_and_adds_up(client, network, seen):
    pixels, prepared = seen
    told = ask(client, "map?layer=stage2_1&map=9", prepared)
    found = explain.arithmetic(network, pixels, "stage2_1", map=9, row=7, column=6)
    window, inputs = told["window"], array(told["inputs"])
    top, left = (
        at * step - before for at, step, before in zip((7, 6), window["stride"], window["before"], strict=True)
    )
    under = inputs[:, top : top + window["size"][0], left : left + window["size"][1]]
    assert (under * array(told["weights"])).sum() + told["bias"] == pytest.approx(found.total, abs=1e-4)
    assert array(told["totals"])[7, 6] == pytest.approx(found.total, abs=1e-5)
    assert [(step["kind"], float(array(step["values"])[7, 6])) for step in told["then"]] == [
        (step.kind, pytest.approx(step.value)) for step in found.then
    ]


def test_a_score_comes_from_its_maps(client, network, seen):
    pixels, prepared = seen
    told = ask(client, "class?digit=1", prepared)
    assert [term["name"] for term in told["terms"]] == ["mean", "max", "place"]
    for term in told["terms"]:
        np.testing.assert_allclose(array(term["values"]) * array(term["weights"]), array(term["shares"]), atol=1e-6)
    shares = [array(term["shares"]).sum(dtype=float) for term in told["terms"]]
    assert sum(shares) + told["bias"] == pytest.approx(told["logit"], abs=1e-3)
    assert array(told["values"]).sum(dtype=float) + told["bias"] == pytest.approx(told["logit"], abs=1e-3)
    np.testing.assert_allclose(array(told["fine"]), explain.class_activation(network, pixels, 1).fine, atol=1e-6)


def test_what_the_answer_rests_on(client, network, seen):
    pixels, prepared = seen
    covered = ask(client, "occlusion?digit=1", prepared)
    np.testing.assert_allclose(array(covered["values"]), explain.occlusion(network, pixels, 1).picture, atol=1e-5)
    nearest = ask(client, "neighbours?", prepared)["digits"]
    assert [one["label"] for one in nearest] == [1] * 8
    assert nearest[0]["distance"] <= nearest[-1]["distance"]


def test_a_training_digit_is_not_its_own_neighbour(client, network):
    index = explain.load_index(SHIPPED, network)
    image = uri(png(index.pictures[0]))
    nearest = ask(client, "neighbours?", image)["digits"]
    assert len(nearest) == 8
    assert image not in [one["image"] for one in nearest]


def test_what_if(patient, network, seen):
    client = patient
    pixels, prepared = seen
    turned = ask(client, "sweep?kind=rotation", prepared)
    expected = explain.sweep(network, pixels, "rotation", turned["values"]).probabilities
    np.testing.assert_allclose(turned["probabilities"], expected, atol=1e-5)
    assert len(turned["pictures"]) == len(turned["values"]) == 31
    flipped = ask(client, "flip?", prepared)
    assert flipped["found"]
    read = client.post("/v1/inside?prepared=1", json={"image": flipped["picture"]}).json()
    assert int(np.argmax(read["probabilities"])) == flipped["after"] != flipped["before"] == 1
    assert np.abs(array(flipped["change"])).max() == flipped["level"]
    assert flipped["reader"] == read["reader"]


def test_what_a_filter_likes_is_grown_once_and_remembered(patient):
    first = patient.get("/v1/inside/liking?layer=stage1&unit=3").json()
    assert first["response"] >= 5 * max(first["noise"], 0)
    assert patient.get("/v1/inside/liking?layer=stage1&unit=3").json() == first


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_request"),
        (b"{}", 400, "no_picture"),
        (b'{"image": 5}', 422, "bad_base64"),
        (b'{"image": "AAAA"}', 415, "foreign_picture"),
        (b'{"images": ["AAAA", "AAAA"]}', 413, "too_many_pictures"),
    ],
)
def test_a_body_that_is_no_picture(client, question, body, status, code):
    headers = {"Content-Type": "application/json"}
    answer = client.post(f"/v1/inside/{question}&prepared=1", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    "question",
    [
        "map?layer=nowhere", "map?layer=pooled", "map?layer=stage1_conv&map=32", "map?layer=stage1_conv&map=-1", "map?",
        "class?digit=10", "class?", "class?digit=1.5", "occlusion?digit=x", "sweep?kind=melt", "sweep?",
        "sweep?kind=" + "n" * 5000, "map?layer=" + "n" * 5000,
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense(client, seen, question):
    answer = client.post(f"/v1/inside/{question}&prepared=1", json={"image": seen[1]})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_parameter")
    assert len(answer.json()["detail"]) < 2000
    assert "/" not in answer.json()["detail"].replace("stage", "")


@pytest.mark.parametrize("side", [1, 27, 29])
def test_a_picture_of_another_size_is_not_what_the_network_sees(client, side):
    answer = client.post("/v1/inside?prepared=1", json={"image": uri(png(np.zeros((side, side), np.uint8)))})
    assert answer.status_code in (413, 422)
    assert answer.json()["code"] in ("bad_parameter", "picture_too_large")


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("question", QUESTIONS)
def test_empty_and_full_pictures_are_looked_into_all_the_same(patient, question, value):
    picture = uri(png(np.full((28, 28), value, np.uint8)))
    answer = patient.post(f"/v1/inside/{question}&prepared=1", json={"image": picture})
    assert answer.status_code == 200
    assert "NaN" not in answer.text
    assert "Infinity" not in answer.text


def test_an_unknown_model(client, seen):
    for question in ("", "/class?digit=1"):
        join = "&" if "?" in question else "?"
        answer = client.post(f"/v1/inside{question}{join}model=nobody", json={"image": seen[1]})
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_model")


def test_one_more_than_may_be_in_hand_is_refused_and_what_nobody_waits_for_ends():
    begun, go_on = threading.Event(), threading.Event()

    def long(check):
        begun.set()
        while not go_on.wait(0.01):
            check(0, 1)

    async def scenario():
        with ThreadPoolExecutor(1) as pool:
            lane = Lane(pool, 2)
            first, second = (asyncio.ensure_future(lane.run(long)) for _ in range(2))
            await asyncio.to_thread(begun.wait)
            with pytest.raises(Overloaded):
                await lane.run(long)
            first.cancel()
            second.cancel()
            await asyncio.gather(first, second, return_exceptions=True)
            await asyncio.to_thread(pool.shutdown)  # comes back: the first has ended by itself
            assert not go_on.is_set()

    asyncio.run(scenario())
    with pytest.raises(NobodyWaits):
        raise NobodyWaits
