"""The desk: what is in hand is counted and let go, whatever becomes of it; answers keep their order."""

import asyncio
import random
import threading
import time

import numpy as np
import pytest

from calame.drawing.png import png
from calame.errors import BadBase64, BadParameter, DamagedPicture, Overloaded, UnknownModel
from calame.imaging import codec, pdf
from calame.service import reading
from calame.service.metrics import Metrics
from calame.service.pictures import Wishes
from calame.service.reading import Desk
from calame.service.settings import ServiceSettings


@pytest.fixture
def desk():
    made = Desk(ServiceSettings(threads=2, waiting=8), Metrics())
    yield made
    made.close()


def read(desk, *pictures, **wishes):
    return asyncio.run(desk.read(pictures, Wishes(**wishes), "en"))


@pytest.mark.parametrize(
    ("wishes", "error"),
    [({"model": "other"}, UnknownModel), ({"off": ("ink",)}, BadParameter)],
)
def test_what_fails_is_not_in_hand_any_more(desk, one, wishes, error):
    with pytest.raises(error):
        read(desk, one, one, one, **wishes)
    assert desk.in_hand == 0
    assert not desk.full


def test_what_nobody_expected_of_one_harms_no_other(desk, one, monkeypatch):
    prepare, decide = reading.prepare, desk.models.default.reader.decide

    def at_first(model, job):
        return 1 / 0 if job.number == 2 else prepare(model, job)

    def at_last(prepared, answer, looks):
        return 1 / 0 if answer is None else decide(prepared, answer, looks)

    monkeypatch.setattr(reading, "prepare", at_first)
    monkeypatch.setattr(desk.models.default.reader, "decide", at_last)
    blank = png(np.full((90, 90), 255, np.uint8))
    first, prepared, looked, last = read(desk, one, one, blank, one)
    assert [first.reading.digit, last.reading.digit] == [1, 1]
    for broken in (prepared, looked):
        assert (broken.code, type(broken.__cause__)) == ("internal", ZeroDivisionError)
    assert desk.in_hand == 0


def test_answers_keep_their_order_however_long_each_takes(desk, one, monkeypatch):
    real, order = reading.prepare, random.Random(0)

    def slow(*given):
        time.sleep(order.random() / 50)
        return real(*given)

    monkeypatch.setattr(reading, "prepare", slow)
    given = [one, b"GIF89a", BadBase64(name="x"), one, b"", one]
    told = read(desk, *given)
    kinds = [type(answer).__name__ for answer in told]
    assert kinds == ["Told", "DamagedPicture", "BadBase64", "Told", "EmptyPicture", "Told"]
    assert isinstance(told[1], DamagedPicture)
    assert told[1].message().startswith("picture 2")


def test_what_would_be_too_many_beside_others_is_refused_at_once(desk, one):
    assert len(read(desk, *[one] * 8)) == 8
    desk.in_hand = 5
    with pytest.raises(Overloaded):
        read(desk, *[one] * 4)
    assert len(read(desk, *[one] * 3)) == 3
    assert desk.in_hand == 5


def test_pictures_of_a_request_go_to_the_network_together(one):
    desk = Desk(ServiceSettings(threads=1), Metrics())
    model = desk.models.default
    sizes, go, real = [], threading.Event(), model.look

    def counted(images, always):
        sizes.append(len(images))
        assert go.wait(5)
        return real(images, always)

    model.look = counted

    async def scene():
        task = asyncio.create_task(desk.read([one] * 12, Wishes(), "en"))
        while not sizes or len(model.batcher) + sizes[0] < 12:
            await asyncio.sleep(0.001)
        go.set()
        return await task

    told = asyncio.run(scene())
    assert [answer.reading.digit for answer in told] == [1] * 12
    assert sum(sizes) == 12
    assert len(sizes) <= 2  # those who were first, and all who came while they were read
    desk.close()


def test_who_is_cancelled_before_its_turn_is_never_prepared(one, monkeypatch):
    desk, go, seen, real = Desk(ServiceSettings(threads=1), Metrics()), threading.Event(), [], reading.prepare

    def counted(model, job):
        seen.append(job.content)
        assert go.wait(5)
        return real(model, job)

    monkeypatch.setattr(reading, "prepare", counted)

    async def scene():
        first = asyncio.create_task(desk.read([one + b"1"], Wishes(), "en"))
        while not seen:
            await asyncio.sleep(0.001)
        second = asyncio.create_task(desk.read([one + b"2"], Wishes(), "en"))
        while not len(desk.models.default.batcher):
            await asyncio.sleep(0.001)
        second.cancel()
        await asyncio.wait({second})
        go.set()
        await first
        return await desk.read([one + b"3"], Wishes(), "en")

    assert asyncio.run(scene())[0].reading.digit == 1
    assert [content[-1:] for content in seen] == [b"1", b"3"]
    assert desk.in_hand == 0
    desk.close()


class Held:
    """Stands in for what decodes: keeps what it is given, and lets each through when the gate is released once more."""

    def __init__(self, real):
        self.real, self.gate, self.seen = real, threading.Semaphore(0), []

    def __call__(self, content, *more):
        self.seen.append(content)
        assert self.gate.acquire(timeout=5)
        return self.real(content, *more)

    async def entered(self, times=1):
        async with asyncio.timeout(5):
            while len(self.seen) < times:
                await asyncio.sleep(0.001)


def test_who_leaves_a_batch_that_is_being_read_is_passed_over(one, monkeypatch):
    desk, held = Desk(ServiceSettings(threads=1), Metrics()), Held(codec.plain_png)
    monkeypatch.setattr(codec, "plain_png", held)

    async def scene():
        task = asyncio.create_task(desk.read([one + b"1"], Wishes(), "en"))
        await held.entered()
        others = [asyncio.create_task(desk.read([one + mark], Wishes(), "en")) for mark in (b"2", b"3", b"4")]
        while len(desk.models.default.batcher) < 3:
            await asyncio.sleep(0.001)
        held.gate.release()
        await task
        await held.entered(2)  # the other two are in the same batch
        others[1].cancel()
        await asyncio.wait({others[1]})
        held.gate.release(3)
        return await asyncio.gather(others[0], others[2])

    assert [told.reading.digit for (told,) in asyncio.run(scene())] == [1, 1]
    assert [content[-1:] for content in held.seen] == [b"1", b"2", b"4"]
    desk.close()


def test_a_drawing_is_read_while_pages_are_drawn_and_no_page_is_drawn_for_nobody(one, monkeypatch):
    desk, held = Desk(ServiceSettings(threads=1), Metrics()), Held(lambda *_: (np.full((9, 9), 255, np.uint8), 1))
    monkeypatch.setattr(pdf, "draw_page", held)

    async def scene():
        pages = asyncio.create_task(desk.read([b"%PDF-1.7"] * 8, Wishes(), "en"))
        await held.entered()
        async with asyncio.timeout(5):
            (told,) = await desk.read([one], Wishes(), "en")
        pages.cancel()
        await asyncio.wait({pages})
        held.gate.release(8)
        (last,) = await desk.read([b"%PDF-1.7 of another"], Wishes(), "en")
        return told.reading.digit, last.reading.rejected

    assert asyncio.run(scene()) == (1, "blank")
    assert [content[8:] for content in held.seen] == [b"", b" of another"]
    desk.close()


def test_the_same_name_twice_leaves_a_step_out_once(client, one):
    answer = client.post("/v1/digits?trace=1&off=" + "lines," * 500, files={"image": one})
    assert [step["step"] for step in answer.json()["trace"] if step["off"]] == ["lines"]
