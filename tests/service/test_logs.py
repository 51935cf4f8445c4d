"""The lines of the log, and the shell that lets nothing leak out."""

import asyncio
import json
import logging
import sys

import pytest

from calame.service.lines import Lines, log_to_stderr
from calame.service.logs import Caught
from calame.service.service import ClientLeft

HTTP = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"", "state": {"id": "n1"}}


def through(app, scope=HTTP):
    """What is sent when `app` stands inside of the shell."""
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(Caught(app, "en")(scope, None, send))
    return sent


def test_what_breaks_before_it_answers_is_answered(caplog):
    async def broken(scope, receive, send):
        raise ZeroDivisionError("secret")

    start, body = through(broken)
    assert start["status"] == 500
    assert json.loads(body["body"])["instance"] == "/requests/n1"
    assert b"secret" not in body["body"]
    assert (caplog.records[0].id, caplog.records[0].exc_info[0]) == ("n1", ZeroDivisionError)


def test_what_breaks_in_the_middle_is_not_answered_twice(caplog):
    begun = {"type": "http.response.start", "status": 200, "headers": []}

    async def broken(scope, receive, send):
        await send(begun)
        raise ZeroDivisionError

    assert through(broken) == [begun]
    assert caplog.records[0].message == "internal error"


@pytest.mark.parametrize(("scope", "error"), [(HTTP, ClientLeft), ({"type": "lifespan"}, ZeroDivisionError)])
def test_what_is_for_others_passes(scope, error, caplog):
    async def leaving(scope, receive, send):
        raise error

    with pytest.raises(error):
        through(leaving, scope)
    assert not caplog.records


def test_a_line_has_the_traceback_and_stays_one_line():
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = logging.LogRecord("calame.service", logging.ERROR, "", 1, "it %s", ("broke",), sys.exc_info())
    line = Lines().format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert (told["event"], told["level"], told["time"][-6:]) == ("it broke", "error", "+00:00")
    assert told["error"].endswith("ValueError: two\nlines")


@pytest.mark.parametrize(("person", "level"), [(True, logging.WARNING), (False, logging.INFO)])
def test_a_person_at_a_terminal_sees_what_goes_wrong_alone(monkeypatch, capsys, person, level):
    names = ("calame.service", "uvicorn.error")
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger.handlers, logger.propagate, logger.level) for logger in loggers]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: person)
    try:
        log_to_stderr()
        assert [logger.level for logger in loggers] == [level, logging.WARNING]
        loggers[0].warning("heard", extra={"code": "busy"})
    finally:
        for logger, (handlers, propagate, old) in zip(loggers, before, strict=True):
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(old)
    assert json.loads(capsys.readouterr().err)["code"] == "busy"


def test_what_machines_ask_every_second_makes_no_line_and_long_paths_are_cut(client, caplog):
    with caplog.at_level(logging.INFO, "calame.service"):
        client.get("/health/live")
        client.get("/metrics")
        client.get("/" + "x" * 5000)
    (record,) = [record for record in caplog.records if record.message == "request"]
    assert (record.status, len(record.path), record.code) == (404, 200, "not_there")
