"""A request's work is given up when it takes too long or when nobody waits for it, and then only."""

import asyncio
import gc
import weakref

import pytest

from calame.errors import TimedOut
from calame.service import service
from calame.service.service import ClientLeft, Service
from calame.service.settings import ServiceSettings


class Request:
    """A request whose client stays, or leaves before the `leaves`-th look."""

    def __init__(self, leaves=None):
        self.looks, self.leaves = 0, leaves

    async def receive(self):
        self.looks += 1
        if self.looks == self.leaves:
            return {"type": "http.disconnect"}
        return await asyncio.get_running_loop().create_future()


class Work:
    """What takes so many seconds, and remembers how it ended."""

    def __init__(self, seconds):
        self.seconds, self.ended = seconds, None

    async def __call__(self):
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise
        self.ended = "done"
        return 42


def finished(request, work, seconds=20.0):
    async def asked():
        settings = ServiceSettings(seconds=seconds)
        found = await Service(settings, *[None] * 5).finish(request, work())
        await asyncio.sleep(0)
        assert asyncio.current_task().cancelling() == 0
        return found

    return asyncio.run(asked())


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(service, "PATIENCE", 0.001)


def test_work_that_is_done_is_not_given_up():
    request = Request()
    assert finished(request, Work(0.05)) == 42
    assert request.looks > 1


def test_work_that_takes_too_long_is_given_up():
    work = Work(100)
    with pytest.raises(TimedOut):
        finished(Request(), work, seconds=0.01)
    assert work.ended == "cancelled"


@pytest.mark.parametrize("leaves", [1, 3])
def test_work_that_nobody_waits_for_is_given_up(leaves):
    work = Work(100)
    with pytest.raises(ClientLeft):
        finished(Request(leaves), work)
    assert work.ended == "cancelled"


def test_an_error_of_the_work_is_its_own():
    async def failing():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        finished(Request(), failing)


def test_what_goes_wrong_while_looking_ends_the_work():
    class Broken(Request):
        async def receive(self):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        finished(Broken(), Work(100))


def test_who_cancels_the_request_cancels_its_work():
    work = Work(100)

    async def asked():
        task = asyncio.create_task(Service(ServiceSettings(), *[None] * 5).finish(Request(), work()))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asked())
    assert work.ended == "cancelled"


def test_a_request_that_is_given_up_can_go_on_with_something_else():
    async def asked():
        keeper = Service(ServiceSettings(seconds=0.01), *[None] * 5)
        with pytest.raises(TimedOut):
            await keeper.finish(Request(), Work(100)())
        assert asyncio.current_task().cancelling() == 0
        return await keeper.finish(Request(), Work(0)())

    assert asyncio.run(asked()) == 42


def test_an_answer_leaves_nothing_to_the_collector_of_garbage():
    async def asked():
        request = Request()
        gone = weakref.ref(request)
        await Service(ServiceSettings(), *[None] * 5).finish(request, Work(0)())
        del request
        return gone()

    gc.disable()
    try:
        assert asyncio.run(asked()) is None
    finally:
        gc.enable()
