"""Every finding can be drawn, in both languages, and the words say its numbers."""

import numpy as np
import pytest

from calame import explain
from calame.explain import drawings
from calame.explain.attack import Flip

PNG = b"\x89PNG"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_maps_and_filters_have_a_plate_for_each_layer(network, seven, language):
    maps = drawings.draw_maps(network, explain.feature_maps(network, seven), language)
    filters = drawings.draw_filters(explain.filters(network), language)
    assert len(maps) == len(network.layers)
    assert [plate.name for plate in filters][:2] == ["filters-stage1_conv", "filters-stage2_1_conv"]
    names = [plate.name for plate in (*maps, *filters)]
    assert len(set(names)) == len(names)
    for plate in (*maps[:3], maps[-1], filters[0], filters[1], filters[-1]):
        assert plate.png().startswith(PNG)
        assert plate.scale is not None
    assert "32" in filters[0].sentence
    assert maps[0].scale.palette == "balance"  # before the ReLU there is less than nothing
    assert maps[3].scale.palette == "viridis"


def test_a_class_map_tells_the_score_and_its_parts(network, seven):
    plate = drawings.draw_class(explain.class_activation(network, seven, 7), seven, "fr")
    assert "7" in plate.title
    assert plate.tiles[2].caption.startswith("moyennes des cartes\n+")
    said = [tile.caption.splitlines()[1] for tile in plate.tiles[1:]]
    total, *parts = (float(value.replace(",", ".").replace("−", "-")) for value in said)
    assert sum(parts) == pytest.approx(total, abs=0.03)
    other = drawings.draw_class(explain.grad_cam(network, seven, 7), seven)
    assert "Grad-CAM" in other.title
    assert len(other.tiles) == 2


def test_the_rest_is_drawn_too(network, seven):
    near = explain.nearest(network, seven, 13)
    plates = [
        drawings.draw_seen(seven),
        drawings.draw_occlusion(explain.occlusion(network, seven, 7), seven),
        drawings.draw_neighbours(near, seven, credit=[{"name": "MNIST", "licence": "CC BY-SA 3.0"}]),
        drawings.draw_liking(explain.visualise(network, "stage1", [0, 1], steps=2)),
        drawings.draw_liking(explain.visualise(network, "output", range(10), steps=1), classes=True),
        drawings.draw_sweep(explain.sweep(network, seven, "rotation", [-20, 0, 12.5])),
    ]
    assert all(plate.png().startswith(PNG) for plate in plates)
    assert "MNIST, CC BY-SA 3.0" in plates[2].sentence
    assert [tile.caption.splitlines()[0] for tile in plates[2].tiles[:2]] == ["yours", "7"]
    assert [tile.caption.splitlines()[0] for tile in plates[5].tiles] == ["−20°", "0°", "12.50°"]


def test_a_flip_shows_the_digit_the_change_and_the_other_digit(seven):
    change = np.full((28, 28), -3, np.int16)
    shares = np.eye(10, dtype=np.float32)[[7, 1]] * 0.9
    found = Flip(7, 1, np.clip(seven + change, 0, 255).astype(np.uint8), change, 3, "FGSM", shares)
    plate = drawings.draw_flip(found, seven)
    assert [tile.caption for tile in plate.tiles] == ["7\n90.0%", "the change\n± 3", "1\n90.0%"]
    assert (plate.scale.low, plate.scale.high) == ("−3", "3")


def test_a_row_of_values_becomes_a_block(network, seven):
    plates = drawings.draw_maps(network, {"pooled": np.arange(384, dtype=np.float32)})
    height, width = plates[0].tiles[0].colours.shape[:2]
    assert height * width == 384
    assert 0.5 <= height / width <= 2
    shares = drawings.draw_maps(network, {"output": np.full(10, 0.1, np.float32)})[0]
    assert [tile.caption for tile in shares.tiles][:2] == ["0\n10.0%", "1\n10.0%"]
    odd = drawings.draw_maps(network, {"pooled": np.arange(7, dtype=np.float32)})
    assert odd[0].tiles[0].colours.shape[:2] == (1, 7)


def test_the_end_of_the_scale_and_the_worst_square_are_told_apart(network, seven):
    found = explain.occlusion(network, seven, 7)
    plate = drawings.draw_occlusion(found, seven)
    assert found.picture.max() < found.values.max()  # a mean of squares, and one of them
    assert f"at most {plate.scale.high.lstrip('−')}" in plate.sentence
