"""Trainings over HTTP: one at a time, told by events, stopped, ended in words however they end, kept, deleted."""

import json
import os
import signal
import time

import pytest
from training_fakes import FAKE, SEEDS, make_data

from calame.service.runs import Runs
from calame.service.settings import hashed
from calame.shelf import Shelf

WISH = {"network": "course", "images": 1000, "epochs": 2}
PATIENCE = 60  # seconds, on a machine that is busy


@pytest.fixture
def home(tmp_path):
    return {
        "training": tmp_path / "training",
        "models": tmp_path / "models",
        "data": make_data(tmp_path / "data"),
    }


@pytest.fixture
def client(serving, home):
    return faked(serving(**home))


def faked(client):
    client.app.state.service.trainer.command = FAKE
    return client


def start(client, how="done", **wish):
    answer = client.post("/v1/training/runs", json={**WISH, "seed": SEEDS[how], **wish})
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


def events(client, number, after=None):
    headers = {} if after is None else {"last-event-id": str(after)}
    answer = client.get(f"/v1/training/runs/{number}/events", headers=headers)
    found = []
    for block in answer.text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in lines:
            found.append((int(lines["id"]), lines["event"], json.loads(lines["data"])))
    return found


def until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def begun(home, number):
    """Wait until the training process has begun; return its id."""
    path = Runs(home["training"]).get(number).path / "pid"
    until(lambda: path.exists() and path.read_text())
    return int(path.read_text())


def test_a_run_is_told_from_its_first_event_to_its_end(client):
    told = events(client, start(client))
    assert [kind for _, kind, _ in told] == ["state", "begin", "point", "point", "end"]
    assert [number for number, _, _ in told] == [1, 2, 3, 4, 5]
    assert told[-1][2]["run"]["state"] == "done"
    assert told[-1][2]["run"]["words"]["fr"].startswith("Terminé")


def test_who_comes_back_goes_on_after_the_last_event_seen(client):
    number = start(client)
    events(client, number)
    assert [kind for _, kind, _ in events(client, number, after=3)] == ["point", "end"]
    later = client.get(f"/v1/training/runs/{number}/events?after=3").text
    assert later.count("event: ") == 2
    assert client.get(f"/v1/training/runs/{number}/events?after=-1").status_code == 422
    assert [one for one, _, _ in events(client, number, after="nonsense")] == [1, 2, 3, 4, 5]
    assert client.get(f"/v1/training/runs/{number}/events", headers={"last-event-id": "5"}).status_code == 204


def test_one_at_a_time_in_all_processes_of_the_service(client, serving, home):
    number, other = start(client, "on"), faked(serving(**home))
    for one in (client, other):
        refused = one.post("/v1/training/runs", json=WISH)
        assert (refused.status_code, refused.json()["code"]) == (409, "already_training")
        assert one.get("/v1/training").json()["running"] == number
        assert one.post("/v1/training/warm").json() == {"warm": False}
    assert other.post(f"/v1/training/runs/{number}/stop").json() == {"stopping": True}  # from the other one
    assert events(other, number)[-1][2]["run"]["state"] == "stopped"
    until(lambda: client.get("/v1/training").json()["running"] is None)
    assert start(other) == number + 1


def test_a_warm_process_takes_the_job(client, home):
    assert client.post("/v1/training/warm").json() == {"warm": True}
    warm = client.app.state.service.trainer._warm.process.pid
    assert begun(home, start(client)) == warm


def test_a_warm_process_that_died_is_replaced(client):
    client.post("/v1/training/warm")
    process = client.app.state.service.trainer._warm.process
    process.kill()
    process.wait()
    assert events(client, start(client))[-1][2]["run"]["state"] == "done"


@pytest.mark.parametrize(("how", "words"), [("crash", "status 7"), ("on", "signal 9")])
def test_a_process_that_ends_without_a_word_is_spoken_for(client, home, how, words):
    number = start(client, how)
    if how == "on":
        os.kill(begun(home, number), signal.SIGKILL)
    last = events(client, number)[-1][2]["run"]
    assert last["state"] == "failed"
    assert words in last["words"]["en"]
    assert events(client, start(client))[-1][2]["run"]["state"] == "done"  # the next one can start


def test_it_ends_with_the_service_and_its_runs_stay(serving, home):
    from starlette.testclient import TestClient

    from calame.service.app import create_app
    from calame.service.settings import ServiceSettings

    with TestClient(create_app(ServiceSettings(threads=2, **home))) as client:
        number = start(faked(client), "on")
        process = begun(home, number)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    later = faked(serving(**home)).get("/v1/training").json()
    assert (later["running"], [row["id"] for row in later["runs"]]) == (None, [number])
    assert later["runs"][0]["state"] == "stopped"


def test_a_run_that_nobody_trains_any_more_is_ended_in_words(client, home):
    run = Runs(home["training"]).add(WISH)  # as a power cut leaves it
    run.tell("state", {"state": "starting"})
    with (run.path / "events.jsonl").open("a") as stream:
        stream.write('{"kind": "point", "ep')
    assert client.get("/v1/training").json()["running"] is None
    assert [kind for _, kind, _ in events(client, run.number)] == ["state", "end"]
    assert "service ended" in run.row()["words"]["en"]


def test_what_was_trained_reads_at_once_and_is_deleted_with_its_run(client, home, one):
    number = start(client, "model")
    model = events(client, number)[-1][2]["run"]["model"]
    assert client.post(f"/v1/digits?model={model}", files={"image": one}).json()["model"] == model
    assert model in [entry["id"] for entry in client.get("/v1/models?brief=1").json()["models"]]
    assert client.delete(f"/v1/training/runs/{number}").json() == {"deleted": 1}
    until(lambda: client.post(f"/v1/digits?model={model}", files={"image": one}).status_code == 404)
    assert client.get("/v1/training").json()["runs"] == []
    assert not (home["models"] / "course").exists()
    assert start(client) == number + 1  # its number is not given again


def test_what_is_needed_is_not_deleted(client, home):
    number = start(client, "model")
    events(client, number)
    Shelf(home["models"]).use(f"course@{number}")
    assert client.delete(f"/v1/training/runs/{number}").json()["code"] == "run_in_use"
    going = start(client, "on")
    assert client.delete(f"/v1/training/runs/{going}").json()["code"] == "already_training"
    client.post(f"/v1/training/runs/{going}/stop")


ROUTES = [
    ("post", "/v1/training/warm"),
    ("post", "/v1/training/runs"),
    ("get", "/v1/training/runs/1"),
    ("get", "/v1/training/runs/1/events"),
    ("post", "/v1/training/runs/1/stop"),
    ("delete", "/v1/training/runs/1"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_visitors_train_nothing(serving, home, method, path):
    client = faked(serving(**home, may_train=False, keys=hashed(["secret"])))
    client.get("/")  # the page lets anybody in, with a cookie
    sent = {"json": WISH} if path.endswith("runs") else {}
    assert client.request(method, path, **sent).json()["code"] == "training_closed"
    told = client.get("/v1/training").json()
    assert (told["trouble"]["code"], told["runs"]) == ("training_closed", [])
    assert client.request(method, path, headers={"x-api-key": "secret"}, **sent).status_code in (200, 404)


def test_what_is_missing_is_said_with_its_command(serving, home, tmp_path, monkeypatch):
    client = serving(**{**home, "data": tmp_path / "nowhere"})
    faked(client)
    told = client.get("/v1/training", headers={"accept-language": "fr"}).json()["trouble"]
    assert told["command"] == "calame data fetch mnist qmnist"
    assert "ne sont pas sur cette machine" in told["detail"]
    assert client.post("/v1/training/runs", json=WISH).json()["code"] == "nothing_to_learn"
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    bare = serving(**home)
    assert bare.get("/v1/training").json()["trouble"]["command"] == "pip install 'calame[train]'"
    refused = bare.post("/v1/training/runs", json=WISH)
    assert (refused.status_code, refused.json()["code"]) == (503, "missing_extra")


@pytest.mark.parametrize(
    "wrong",
    [
        {"network": "resnet"},
        {"network": "pool 4, pool 4, pool 4"},
        {"network": "../../etc/passwd"},
        {"network": 5},
        {"network": None},
        {"network": "x" * 100_000},
        {"images": 99},
        {"images": 60_001},
        {"images": 1e9},
        {"images": "1000"},
        {"images": True},
        {"epochs": 0},
        {"epochs": 101},
        {"epochs": 1.5},
        {"rate": 0},
        {"rate": -1},
        {"rate": 2},
        {"rate": "nan"},
        {"augment": "yes"},
        {"seed": -1},
        {"seed": 2**63},
        {"more": 1},
    ],
    ids=str,
)
def test_a_wish_that_makes_no_sense_is_refused_before_anything_starts(client, home, wrong):
    answer = client.post("/v1/training/runs", json={**WISH, **wrong})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert not home["training"].exists()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"network": "course", "rate": NaN}', b"\xff"])
def test_a_body_that_is_no_wish_is_refused(client, body):
    answer = client.post("/v1/training/runs", content=body, headers={"content-type": "application/json"})
    assert 400 <= answer.status_code < 500, answer.text


@pytest.mark.parametrize("number", ["0", "-1", "999", "x", "1e3", "99999999999999999999", "..%2f..", "٣"])
def test_a_run_that_there_is_not(client, number):
    for method, path in (("get", ""), ("get", "/events"), ("post", "/stop"), ("delete", "")):
        assert client.request(method, f"/v1/training/runs/{number}{path}").status_code in (404, 405, 422)


def test_layers_are_checked_as_they_are_put_together(client):
    told = client.get("/v1/training/layers", params={"stack": "conv 8 3,pool 2 ,  dense 16"}).json()
    assert told["stack"] == "conv 8 3, pool 2, dense 16"
    assert [layer["shape"] for layer in told["layers"]] == [[26, 26, 8], [13, 13, 8], [16], [10]]
    assert told["parameters"] == sum(layer["parameters"] for layer in told["layers"])
    refused = client.get(
        "/v1/training/layers", params={"stack": "dense 8, conv 8 3"}, headers={"accept-language": "fr"}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_stack")
    assert "vient après une couche dense" in refused.json()["detail"]


def test_a_service_without_a_folder_trains_nothing(serving):
    told = serving().get("/v1/training").json()
    assert (told["trouble"]["code"], told["running"], told["runs"]) == ("not_there", None, [])
