"""What is counted, and what drift would show."""

import re

import numpy as np
import pytest

from calame.service.metrics import Metrics
from calame.types import CodeReading


def value(text: str, name: str, **labels: str) -> float:
    """Return one number of Prometheus' text; the labels in any order."""
    for found, inside, number in re.findall(r"^(\w+)(?:\{(.*)\})? (\S+)$", text, re.MULTILINE):
        if found == name and dict(re.findall(r'(\w+)="([^"]*)"', inside)) == labels:
            return float(number)
    return 0.0


@pytest.fixture
def measured(serving, one):
    """Send pictures, and return what is measured."""

    def measure(*pictures):
        client = serving()
        for picture in pictures:
            client.post("/v1/digits", files={"image": picture})
        return client.get("/metrics").text

    return measure


def test_a_refusal_is_counted_by_its_reason_and_has_no_confidence(measured):
    from calame.drawing.png import png

    text = measured(png(np.full((50, 50), 255, np.uint8)))
    refused = sum(value(text, "calame_readings_total", model="digits@1", decision=why) for why in ("blank", "no_ink"))
    assert refused == 1
    assert value(text, "calame_confidence_count", model="digits@1") == 0
    assert value(text, "calame_quality_score_count") == 0


def test_confidence_and_quality_are_distributions(measured, one):
    text = measured(one, one, one)
    assert value(text, "calame_confidence_count", model="digits@1") == 3
    assert value(text, "calame_confidence_bucket", model="digits@1", le="0.5") == 0
    assert 2.5 < value(text, "calame_confidence_sum", model="digits@1") <= 3
    assert value(text, "calame_quality_score_count") == 3


@pytest.mark.parametrize("stage", ["decode", "prepare", "queue", "network"])
def test_every_stage_is_timed(measured, one, stage):
    text = measured(one, one)
    assert value(text, "calame_stage_duration_seconds_count", stage=stage) == 2
    assert 0 < value(text, "calame_stage_duration_seconds_sum", stage=stage) < 60


@pytest.mark.parametrize(
    ("said", "labels"),
    [
        ({"text": "17", "confidence": 0.99}, ("accepted", "accepted")),
        ({"text": "17", "confidence": 0.7, "doubt": "likely"}, ("check", "likely")),
        ({"text": "17", "confidence": 0.7, "doubt": "lines"}, ("check", "lines")),
        ({"text": None, "guess": "17", "confidence": 0.3, "rejected": "unsure"}, ("check", "unsure")),
        ({"text": None, "confidence": 0.0, "rejected": "blank"}, ("refused", "blank")),
    ],
)
def test_a_number_is_counted_as_it_is_answered(said, labels):
    """What goes to a person is no accepted answer: its share is what is watched."""
    metrics = Metrics()
    metrics.on_codes([CodeReading(**said)], 0.001, 0.002)
    state, decision = labels
    assert value(metrics.text().decode(), "calame_codes_total", state=state, decision=decision) == 1


def test_what_is_in_hand_is_asked_for_when_it_is_read():
    metrics, now = Metrics(), [3.0]
    metrics.watch(lambda: now[0])
    assert value(metrics.text().decode(), "calame_in_hand") == 3
    now[0] = 0.0
    assert value(metrics.text().decode(), "calame_in_hand") == 0


def test_verbs_and_paths_of_anyones_making_make_no_counter(serving):
    client = serving()
    for number in range(20):
        client.request(f"VERB{number}", f"/path{number}")
        client.request("GET", f"/v1/history/{number + 1}")
    text = client.get("/metrics").text
    assert value(text, "calame_requests_total", method="other", route="-", status="404") == 20
    assert value(text, "calame_requests_total", method="GET", route="/v1/history/{number}", status="404") == 20
    assert not re.search(r"VERB|path\d", text)


def test_two_services_have_their_own_measures(serving):
    first, second = serving(), serving()
    first.get("/nothing")
    assert value(first.get("/metrics").text, "calame_problems_total", code="not_there") == 1
    assert value(second.get("/metrics").text, "calame_problems_total", code="not_there") == 0
