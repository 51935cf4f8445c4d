"""Networks put together: the arithmetic says what Keras builds, and what makes none is refused in words."""

import pytest

from calame.errors import BadStack
from calame.models.built import COURSE, build, parse, rows, written

STACKS = [
    "",
    "dense 32",
    "pool 4",
    "dropout 0.25",
    COURSE,
    "conv 8 5, conv 8 1, pool 3, dropout 0.1, dense 16, dropout 0.5, dense 16",
]


def test_the_course_in_these_words_has_the_parameters_of_the_course():
    found = rows(parse(COURSE))
    assert [row.shape for row in found] == [(26, 26, 32), (13, 13, 32), (11, 11, 64), (5, 5, 64), (128,), (128,), (10,)]
    assert sum(row.parameters for row in found) == 225_034


@pytest.mark.parametrize("text", STACKS)
def test_what_is_written_is_read_again(text):
    assert written(parse(text)) == text


@pytest.mark.train
@pytest.mark.parametrize("text", STACKS)
def test_keras_builds_what_the_arithmetic_says(text):
    layers = parse(text)
    model, found = build(layers), rows(layers)
    assert model.count_params() == sum(row.parameters for row in found)
    shapes = [layer.output.shape[1:] for layer in model.layers if layer.name != "flatten"]
    # Flattening is no layer of ours: a dropout on maps, or before the end, keeps its shape.
    assert shapes == [row.shape for row in found]


@pytest.mark.train
def test_the_networks_offered_have_the_parameters_that_are_said():
    from calame.service.routes.training import OFFERED
    from calame.training.plan import build_network

    assert {name: build_network(name).count_params() for name in OFFERED} == OFFERED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pool 4, pool 4, conv 8 3", "layer 3: what comes in is only 1 × 1, smaller than a filter of 3 × 3"),
        ("pool 4, pool 4, pool 2", "too small to pool by 2 × 2"),
        ("dense 8, conv 8 3", "layer 2, a convolution, stands after a dense layer"),
        ("dense 8, pool 2", "layer 2, a pooling, stands after a dense layer"),
        ("conv 8", "layer 1, a convolution, takes filters and size"),
        ("conv 8 3 1", "not 8 3 1"),
        ("conv 0 3", "not 0 3"),
        ("conv 2.5 3", "not 2.5 3"),
        ("conv 8 ten", "not 8 ten"),
        ("conv 1e99 3", "not 1e99 3"),
        ("conv nan 3", "not nan 3"),
        ("conv 257 3", "not 257 3"),
        ("pool 1", "a pooling, takes a size"),
        ("pool inf", "not inf"),
        ("dropout 1", "a dropout, takes a share"),
        ("dropout -0.1", "not -0.1"),
        ("dense 1025", "a dense layer, takes a number of units"),
        ("dense", "not –"),
        ("lstm 8", "layer 1 is 'lstm'; known are conv, pool, dropout, dense"),
        ("conv 8 3,, dense 8", "layer 2 is ''"),
        ("dense 8, " * 12 + "dense 8", "at most 12 layers"),
        ("x" * 10_000, "at most 12 layers"),
        ("dense 1024, dense 1024, dense 1024", "more than 2 million parameters"),
        ("conv 256 9, conv 32 9", "more than 60 million multiplications"),
    ],
)
def test_what_makes_no_network_is_said(text, words):
    with pytest.raises(BadStack) as caught:
        rows(parse(text))
    assert words in str(caught.value)
    assert "réseau" in caught.value.message("fr")
