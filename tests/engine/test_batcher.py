"""The batcher: alone at once, together in one call, full refused, gone passed over, errors to those they concern."""

import asyncio
import threading

import numpy as np
import pytest

from calame.engine.batcher import Batcher
from calame.errors import Overloaded


def picture(value: int, count: int = 1) -> np.ndarray:
    return np.full((count, 28, 28), value, np.uint8)


class Network:
    """Answers with each picture's value; works only while the gate is open, and remembers the size of its batches."""

    def __init__(self):
        self.gate, self.entered, self.sizes = threading.Event(), threading.Event(), []
        self.gate.set()

    def __call__(self, images):
        self.entered.set()
        assert self.gate.wait(5)
        self.sizes.append(len(images))
        if (images == 13).any():
            raise ValueError("thirteen")
        return np.repeat(images[:, :1, 0].astype(np.float32), 10, axis=1)


@pytest.fixture
def network():
    return Network()


@pytest.fixture
def batcher(network):
    made = Batcher(network, largest=4, waiting=6)
    yield made
    network.gate.set()
    made.close()


async def occupied(batcher, network):
    """A first caller keeps the network busy until the gate opens."""
    network.gate.clear()
    first = asyncio.create_task(batcher.ask(picture(1)))
    await asyncio.to_thread(network.entered.wait, 5)
    return first


async def waiting(batcher, count):
    while len(batcher) < count:
        await asyncio.sleep(0)


def test_a_lone_caller_is_answered_without_company(batcher, network):
    answer = asyncio.run(batcher.ask(picture(7, 3)))
    assert answer.shape == (3, 10)
    assert (answer == 7).all()
    assert network.sizes == [3]


def test_those_who_wait_go_together_and_each_gets_its_own(batcher, network):
    async def scene():
        first = await occupied(batcher, network)
        others = [asyncio.create_task(batcher.ask(picture(value))) for value in (2, 3, 4, 5, 6)]
        await waiting(batcher, 5)
        network.gate.set()
        return [int(answer[0, 0]) for answer in await asyncio.gather(first, *others)]

    assert asyncio.run(scene()) == [1, 2, 3, 4, 5, 6]
    assert network.sizes == [1, 4, 1]  # at most four in a batch


def test_a_full_queue_refuses_at_once(batcher, network):
    async def scene():
        first = await occupied(batcher, network)
        other = asyncio.create_task(batcher.ask(picture(2, 6)))
        await waiting(batcher, 6)
        with pytest.raises(Overloaded, match=r"try again in 1 s"):
            await batcher.ask(picture(3))
        network.gate.set()
        await asyncio.gather(first, other)
        return await batcher.ask(picture(4))

    assert asyncio.run(scene())[0, 0] == 4


def test_who_has_left_is_passed_over(batcher, network):
    async def scene():
        first = await occupied(batcher, network)
        leaving, staying = (asyncio.create_task(batcher.ask(picture(value))) for value in (2, 3))
        await waiting(batcher, 2)
        leaving.cancel()
        await asyncio.sleep(0)
        network.gate.set()
        await asyncio.gather(first, staying)

    asyncio.run(scene())
    assert network.sizes == [1, 1]


def test_who_leaves_while_the_network_works_troubles_nobody(batcher, network):
    async def scene():
        (await occupied(batcher, network)).cancel()
        network.gate.set()
        return await batcher.ask(picture(5))

    assert asyncio.run(scene())[0, 0] == 5


def test_an_error_reaches_its_batch_and_the_thread_lives_on(batcher):
    with pytest.raises(ValueError, match="thirteen"):
        asyncio.run(batcher.ask(picture(13)))
    assert asyncio.run(batcher.ask(picture(2)))[0, 0] == 2


def test_several_event_loops_may_ask(batcher):
    answers = []
    threads = [
        threading.Thread(target=lambda value=value: answers.append(asyncio.run(batcher.ask(picture(value)))[0, 0]))
        for value in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == list(range(6))


def test_closing_answers_what_waits_and_refuses_what_comes(network):
    batcher = Batcher(network)

    async def scene():
        first = await occupied(batcher, network)
        closing = asyncio.create_task(asyncio.to_thread(batcher.close))
        network.gate.set()
        answer = await first
        await closing
        with pytest.raises(Overloaded):
            await batcher.ask(picture(2))
        return answer

    assert asyncio.run(scene())[0, 0] == 1


def test_each_batch_is_told(network):
    told = []
    batcher = Batcher(network, observe=lambda *facts: told.append(facts))
    asyncio.run(batcher.ask(picture(1, 2)))
    batcher.close()
    (pictures, waited, took), *_ = told
    assert pictures == 2
    assert waited >= 0
    assert took >= 0
