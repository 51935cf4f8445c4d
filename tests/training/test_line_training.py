"""The line network learns, by CTC, on lines of two strokes; batches keep their lines and labels together."""

import numpy as np
import pytest

pytestmark = [pytest.mark.train, pytest.mark.slow]


@pytest.fixture(scope="module")
def line():
    from calame.training import line

    return line


def drawn(rng):
    """A line of thin (0) and thick (1) strokes, and which."""
    kinds = rng.integers(0, 2, int(rng.integers(1, 5)))
    pixels = np.zeros((32, 16 * len(kinds) + 16), np.uint8)
    for place, kind in enumerate(kinds):
        pixels[4:28, 16 * place + 10 : 16 * place + 12 + 6 * kind] = 255
    return pixels, kinds.astype(np.int64)


def some(line, count):
    made = [drawn(np.random.default_rng(seed)) for seed in range(count)]
    return line.Lines([one for one, _ in made], [label for _, label in made], ["made"] * count)


def test_batches_hold_every_line_once_with_its_label(line):
    lines = some(line, 50)
    plan = line.Plan(batch=8)
    seen = []
    for images, labels, lengths, answers in line.batches(lines, plan, 0, None):
        assert images.shape[1:] == (32, images.shape[2], 1)
        assert images.shape[2] % line.PADDED == 0
        for picture, label, length, count in zip(images, labels, lengths, answers, strict=True):
            inked = np.flatnonzero(picture.max(axis=(0, 2)))
            assert inked[-1] < 2 * count
            seen.append("".join(map(str, label[:length])))
    assert sorted(seen) == sorted(lines.texts())


def test_lines_and_others_keep_their_labels_and_kinds(line):
    first, others = some(line, 3), some(line, 5)
    both = first.and_those(others)
    assert both.texts() == first.texts() + others.texts()
    assert (len(both.pixels), len(both.kinds)) == (8, 8)


def test_an_error_in_the_feeding_thread_is_raised_here(line):
    def broken():
        yield from ()
        raise ValueError("no line")

    with pytest.raises(ValueError, match="no line"):
        list(line.ahead(broken()))


def test_the_rate_rises_and_ends_at_nothing(line):
    plan = line.Plan(rate=1.0, warmup=0.1)
    rates = [line.rate_at(plan, done) for done in (0.0, 0.05, 0.1, 0.5, 1.0)]
    assert rates[0] < rates[1] < rates[2] == 1.0
    assert rates[3] < 1
    assert rates[4] == pytest.approx(0.0, abs=1e-9)


def test_the_shipped_network_is_taken_over_whole(line):
    from calame.artifact import load
    from calame.export.line import compare, weights_of
    from calame.models.line import build
    from calame.reader.line import SHIPPED_LINE

    lines, model = some(line, 40), build()
    line.transfer(model, weights_of(load(SHIPPED_LINE)), line.together(lines.pixels, lines.labels)[0])
    compare(load(SHIPPED_LINE), model, lines.pixels)


def test_the_network_takes_the_trunk_and_learns(line, tmp_path):
    from calame.engine.graph import read_graph
    from calame.shelf import Shelf

    known = read_graph(Shelf(None).find("digits")).weights
    lines = some(line, 256)
    first = line.together(lines.pixels[:32], lines.labels[:32])[0]
    plan = line.Plan(epochs=3, batch=16, rate=2e-3, ema=0.8)
    exact = []

    def judge(model):
        read = [line.best_path(one) for one in line.answers(model, lines)]
        exact.append(float(np.mean([a == b for a, b in zip(read, lines.texts(), strict=True)])))
        return {"exact": exact[-1]}

    network, history = line.fit(plan, lines, tmp_path, lambda model: line.transfer(model, known, first), judge)
    assert network.count_params() == 873_432
    assert exact[-1] > 0.2  # of lines of up to four; by chance, one in thirty
    assert len(history["epochs"]) == 3
    assert (tmp_path / line.WEIGHTS).is_file()
