"""The models of a service are those of the shelf, by the names that the shelf gives them, while they are there."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from calame.artifact import write
from calame.service.routes import models, samples
from calame.shelf import Shelf

SHIPPED = Shelf(None).find("digits")


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "models")


def put(shelf, name, version, **changes):
    """Put the shipped network on the shelf, under another name and with other words in its manifest."""
    manifest = replace(SHIPPED.manifest, name=name, version=version, **changes)
    return write(shelf.home / name / version, manifest, {file: SHIPPED.path / file for file in manifest.files})


def look_anew(client):
    client.app.state.service.desk.models.refresh(0.0)


@pytest.mark.parametrize("production", [None, "mine@1", "mine@2", "digits@7"])
def test_a_name_means_the_model_that_it_means_on_the_shelf(serving, shelf, production):
    for name, version in (("mine", "1"), ("mine", "2"), ("mine", "10"), ("digits", "7")):
        put(shelf, name, version)
    if production:
        shelf.use(production)
    client = serving(models=shelf.home)
    for wanted in ("mine", "mine@1", "digits", "digits@7", str(SHIPPED.manifest)):
        ours = client.app.state.service.desk.models
        assert ours.get(wanted).folder == shelf.find(wanted), wanted
    assert client.app.state.service.desk.models.default.folder == shelf.find()


def test_the_users_own_comes_before_a_shipped_one_of_the_same_version(serving, shelf):
    own = put(shelf, "digits", SHIPPED.manifest.version)
    ours = serving(models=shelf.home).app.state.service.desk.models
    assert ours.get("digits").folder == ours.default.folder == own


def test_a_model_that_is_made_anew_under_its_name_is_the_new_one_everywhere(serving, shelf, one):
    put(shelf, "mine", "1")
    client = serving(models=shelf.home)

    def told():
        digits, inside, codes = (
            client.post(f"/v1/{path}?model=mine", files={"image": one}).json() for path in ("digits", "inside", "codes")
        )
        return digits["confidence"], inside["reader"]["confidence"], codes["digits"][0]["confidence"]

    before = told()
    shelf.remove("mine", "1")
    put(shelf, "mine", "1", calibration={"temperature": 9.0})
    look_anew(client)
    assert [now < then for now, then in zip(told(), before, strict=True)] == [True, True, True]


def test_what_a_deleted_model_read_wrong_is_not_told_of_the_next_one(serving, shelf, monkeypatch):
    put(shelf, "mine", "1")
    client = serving(models=shelf.home)

    class Blank(samples.Digits):
        images, labels = np.zeros((1, 28, 28), np.uint8), np.array([1])

    async def scene():
        errors = samples.Errors(client.app.state.service, Blank(None))
        monkeypatch.setattr(errors, "_find", lambda _: [0])
        before = await errors.indices("mine")
        shelf.remove("mine", "1")
        put(shelf, "mine", "1", calibration={"temperature": 9.0})
        look_anew(client)
        monkeypatch.setattr(errors, "_find", lambda _: [])
        return before, await errors.indices("mine")

    assert asyncio.run(scene()) == ([0], [])


@pytest.mark.parametrize(
    "preparation", ["grey | sparkle | centre", "limit(" + 3000 * "-" + "30)"], ids=["step", "deep"]
)
def test_a_model_with_an_unknown_preparation_does_not_open_and_hides_no_other(serving, shelf, one, preparation, caplog):
    put(shelf, "odd", "1", preparation=preparation)
    client = serving(models=shelf.home)
    for query in ("", "?brief=1"):
        told = {model["id"]: model.get("error") for model in client.get(f"/v1/models{query}").json()["models"]}
        assert told == {"odd@1": "damaged_model", str(SHIPPED.manifest): None}
    for route in ("/v1/digits", "/v1/codes", "/v1/inside"):
        answer = client.post(f"{route}?model=odd", files={"image": one})
        assert (answer.status_code, answer.json()["code"]) == (500, "damaged_model")
        assert str(shelf.home) not in answer.text
    assert str(shelf.home) in caplog.text


def test_a_model_whose_card_fails_in_a_way_that_nobody_expected_hides_no_other(serving, shelf, monkeypatch, caplog):
    put(shelf, "odd", "1")
    real = models.card
    monkeypatch.setattr(models, "card", lambda model, *more: 1 / 0 if model.name == "odd@1" else real(model, *more))
    told = {one["id"]: one.get("error") for one in serving(models=shelf.home).get("/v1/models").json()["models"]}
    assert told == {"odd@1": "internal", str(SHIPPED.manifest): None}
    assert "ZeroDivisionError" in caplog.text
