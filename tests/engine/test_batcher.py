"""The batcher: alone at once, together in one go, full refused, gone passed over, errors to those they concern."""

import asyncio
import threading

import pytest

from calame.engine.batcher import Batcher
from calame.errors import Overloaded


class Work:
    """Answers each job with ten times itself; works only while the gate is open, and remembers its batches' sizes.

    13 fails alone, 666 with all who came with it.
    """

    def __init__(self):
        self.gate, self.entered, self.sizes = threading.Event(), threading.Event(), []
        self.gate.set()

    def __call__(self, jobs):
        self.entered.set()
        assert self.gate.wait(5)
        self.sizes.append(len(jobs))
        if 666 in jobs:
            raise ArithmeticError
        return [ValueError("thirteen") if job == 13 else job * 10 for job in jobs]


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def batcher(work):
    made = Batcher(work, largest=4, waiting=6)
    yield made
    work.gate.set()
    made.close()


async def occupied(batcher, work):
    """A first caller keeps the work busy until the gate opens."""
    work.gate.clear()
    first = asyncio.create_task(batcher.ask(1))
    await asyncio.to_thread(work.entered.wait, 5)
    return first


async def waiting(batcher, count):
    while len(batcher) < count:
        await asyncio.sleep(0)


def test_a_lone_caller_is_answered_without_company(batcher, work):
    assert asyncio.run(batcher.ask(7)) == 70
    assert work.sizes == [1]


def test_those_who_wait_go_together_and_each_gets_its_own(batcher, work):
    async def scene():
        first = await occupied(batcher, work)
        others = [asyncio.create_task(batcher.ask(value)) for value in (2, 3, 4, 5, 6)]
        await waiting(batcher, 5)
        work.gate.set()
        return await asyncio.gather(first, *others)

    assert asyncio.run(scene()) == [10, 20, 30, 40, 50, 60]
    assert work.sizes == [1, 4, 1]  # at most four in a batch


def test_heavy_jobs_go_with_fewer(batcher, work):
    async def scene():
        first = await occupied(batcher, work)
        others = [asyncio.create_task(batcher.ask(value, weight=value)) for value in (3, 1, 9, 2)]
        await waiting(batcher, 4)
        work.gate.set()
        await asyncio.gather(first, *others)

    asyncio.run(scene())
    assert work.sizes == [1, 2, 1, 1]  # 3 and 1; 9 is too much for any, and goes alone; 2


def test_several_threads_work_at_once():
    both = threading.Barrier(2, timeout=5)

    def meet(jobs):
        both.wait()
        return jobs

    batcher = Batcher(meet, largest=1, threads=2)

    async def scene():
        return await asyncio.gather(batcher.ask(1), batcher.ask(2))

    assert asyncio.run(scene()) == [1, 2]
    batcher.close()


def test_a_full_queue_refuses_at_once(batcher, work):
    async def scene():
        first = await occupied(batcher, work)
        others = [asyncio.create_task(batcher.ask(2)) for _ in range(6)]
        await waiting(batcher, 6)
        with pytest.raises(Overloaded, match=r"try again in 1 s"):
            await batcher.ask(3)
        work.gate.set()
        await asyncio.gather(first, *others)
        return await batcher.ask(4)

    assert asyncio.run(scene()) == 40


def test_who_has_left_is_passed_over(batcher, work):
    async def scene():
        first = await occupied(batcher, work)
        leaving, staying = (asyncio.create_task(batcher.ask(value)) for value in (2, 3))
        await waiting(batcher, 2)
        leaving.cancel()
        await asyncio.sleep(0)
        work.gate.set()
        await asyncio.gather(first, staying)

    asyncio.run(scene())
    assert work.sizes == [1, 1]


def test_who_leaves_while_the_work_is_done_troubles_nobody(batcher, work):
    async def scene():
        (await occupied(batcher, work)).cancel()
        work.gate.set()
        return await batcher.ask(5)

    assert asyncio.run(scene()) == 50


def test_a_jobs_own_error_is_its_own(batcher, work):
    async def scene():
        first = await occupied(batcher, work)
        pair = [asyncio.create_task(batcher.ask(value)) for value in (13, 2)]
        await waiting(batcher, 2)
        work.gate.set()
        await first
        return await asyncio.gather(*pair, return_exceptions=True)

    error, answer = asyncio.run(scene())
    assert isinstance(error, ValueError)
    assert answer == 20


def test_an_error_of_the_work_reaches_its_batch_and_the_thread_lives_on(batcher):
    with pytest.raises(ArithmeticError):
        asyncio.run(batcher.ask(666))
    assert asyncio.run(batcher.ask(2)) == 20


@pytest.mark.parametrize("wrong", [lambda _: [], lambda _: [1, 2, 3]], ids=["fewer", "more"])
def test_too_few_or_too_many_answers_are_an_error_of_all(wrong):
    batcher = Batcher(wrong)
    for _ in range(2):  # the thread lives on
        with pytest.raises(RuntimeError, match="answers to 1 jobs"):
            asyncio.run(batcher.ask(1))
    batcher.close()


def test_who_watches_and_fails_harms_no_thread(work):
    batcher = Batcher(work, observe=lambda *_: 1 / 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            asyncio.run(batcher.ask(1))
    batcher.close()


def test_several_event_loops_may_ask(batcher):
    answers = []
    threads = [
        threading.Thread(target=lambda value=value: answers.append(asyncio.run(batcher.ask(value))))
        for value in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [0, 10, 20, 30, 40, 50]


def test_closing_answers_what_waits_and_refuses_what_comes(work):
    batcher = Batcher(work)

    async def scene():
        first = await occupied(batcher, work)
        closing = asyncio.create_task(asyncio.to_thread(batcher.close))
        work.gate.set()
        answer = await first
        await closing
        with pytest.raises(Overloaded):
            await batcher.ask(2)
        return answer

    assert asyncio.run(scene()) == 10


def test_each_batch_is_told(work):
    told = []
    batcher = Batcher(work, observe=lambda *facts: told.append(facts))
    asyncio.run(batcher.ask(1))
    batcher.close()
    ((jobs, waited),) = told
    assert jobs == 1
    assert waited >= 0
