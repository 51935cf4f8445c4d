"""The lattice against an oracle that walks every path, one by one."""

import itertools

import numpy as np
import pytest

from calame.reader.lattice import Edge, Lattice


def random_lattice(seed, count=4):
    rng = np.random.default_rng(seed)
    edges = [Edge(piece, piece + 1, None, float(rng.normal(-2, 1)), "-") for piece in range(count)]
    for start in range(count):
        ends = range(start + 1, min(count, start + 2) + 1)
        edges += [Edge(start, end, rng.normal(-1, 2, 10)) for end in ends]
    return Lattice(count, edges)


def walk(lattice):
    """Yield every path as its edges, in order."""

    def on(place):
        if place == lattice.count:
            yield ()
        for number, edge in enumerate(lattice.edges):
            if edge.start == place:
                for rest in on(edge.end):
                    yield (number, *rest)

    return list(on(0))


def by_hand(lattice):
    """Return text -> sum of exp(score) over all its paths, choosing each edge's digits one by one."""
    texts: dict[str, float] = {}
    for path in walk(lattice):
        choices = []
        for number in path:
            edge = lattice.edges[number]
            if edge.digits is None:
                choices.append([("", edge.other)])
            else:
                choices.append([(str(digit), edge.digits[digit]) for digit in range(10)])
        for chosen in itertools.product(*choices):
            text = "".join(letter for letter, _ in chosen)
            texts[text] = texts.get(text, 0.0) + float(np.exp(sum(score for _, score in chosen)))
    return texts


@pytest.mark.parametrize("seed", range(4))
def test_sums_are_those_of_all_paths(seed):
    lattice = random_lattice(seed, 3)
    texts = by_hand(lattice)
    total = sum(texts.values())
    assert lattice.normaliser() == pytest.approx(np.log(total))
    found = lattice.texts(beam=2000)
    best = max(texts, key=texts.__getitem__)
    assert found[0].text == best
    assert np.exp(found[0].score) == pytest.approx(texts[best] / total, rel=0.02)  # hopeless paths are left out
    for text in ("", "1", "12", "99"):
        score, each, by_digit = lattice.score_of(text)
        assert np.exp(score) == pytest.approx(texts[text])
        assert lattice.along(text)[0] == pytest.approx(score - np.log(total), abs=1e-9)
        assert by_digit.sum() == pytest.approx(len(text))
        assert each.sum() >= len(text)


def test_the_chance_of_an_edge_is_that_of_the_paths_over_it():
    lattice = random_lattice(5)
    sums = [np.exp(edge.other) if edge.digits is None else np.exp(edge.digits).sum() for edge in lattice.edges]
    shares = np.array([np.prod([sums[number] for number in path]) for path in walk(lattice)])
    shares /= shares.sum()
    expected = np.zeros(len(lattice.edges))
    for path, share in zip(walk(lattice), shares, strict=True):
        expected[list(path)] += share
    np.testing.assert_allclose(lattice.marginals(), expected, rtol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_the_texts_of_a_line_of_many_pieces_have_the_sums_of_all_their_paths(seed):
    lattice = random_lattice(seed, 12)
    texts = lattice.texts(beam=4000)
    for text in texts[:3]:
        score, _, _ = lattice.score_of(text.text)
        assert text.score == pytest.approx(score - lattice.normaliser(), abs=0.02)  # hopeless paths are left out


def test_a_path_that_is_next_to_impossible_is_no_reason_to_fail():
    edges = [Edge(0, 1, np.full(10, -2000.0)), Edge(0, 1, None, 0.0), Edge(1, 2, np.arange(10.0))]
    lattice = Lattice(2, edges)
    assert lattice.texts()[0].text == "9"
    assert lattice.along("99") == (-np.inf, (0, 2))


def test_a_text_comes_with_its_best_path():
    lattice = random_lattice(7)
    for text in lattice.texts()[:5]:
        edges = [lattice.edges[number] for number in lattice.along(text.text)[1]]
        assert [edge.start for edge in edges] == [0, *(edge.end for edge in edges[:-1])]
        assert edges[-1].end == lattice.count
        assert sum(edge.digits is not None for edge in edges) == len(text.text)


def test_a_text_that_no_path_has_is_impossible():
    assert random_lattice(1, 2).along("12345") == (-np.inf, ())
    score, each, by_digit = random_lattice(1, 2).score_of("12345")
    assert score == -np.inf
    assert each.sum() == by_digit.sum() == 0
