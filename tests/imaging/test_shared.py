"""A change of the whole process is made once, however many need it, and undone once."""

import threading

import pytest

from calame.imaging.shared import Shared


def test_threads_that_overlap_share_one_change():
    said, inside = [], threading.Barrier(4)
    shared = Shared(lambda: said.append("on") or (lambda: said.append("off")))

    def work():
        with shared.held():
            inside.wait(60)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert said == ["on", "off"]


def test_it_is_undone_when_the_block_fails_and_made_again_later():
    said = []
    shared = Shared(lambda: said.append("on") or (lambda: said.append("off")))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), shared.held():
            raise ZeroDivisionError
    assert said == ["on", "off"] * 2
