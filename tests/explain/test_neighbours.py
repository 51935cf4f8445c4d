"""It looks like these: the index fits its model, and the nearest are of the same digit."""

from dataclasses import replace

import numpy as np
import pytest

from calame import explain
from calame.errors import DamagedData, OtherIndex
from calame.explain.neighbours import SHIPPED, features, medoids


@pytest.fixture(scope="module")
def shipped(network):
    return explain.load_index(SHIPPED, network)


def test_the_shipped_index_fits_the_shipped_model(network, shipped):
    assert shipped.model == network.digest, "the model has changed: python recipes/neighbours.py --data DIR"
    assert SHIPPED.stat().st_size <= 300_000
    assert len(shipped.labels) >= 400
    assert np.bincount(shipped.labels, minlength=10).min() >= 40
    assert shipped.credit[0]["licence"] == "CC BY-SA 3.0"
    assert shipped.credit[0]["count"] >= len(shipped.labels)


def test_the_nearest_digits_are_of_the_same_kind(network, samples):
    same = [(explain.nearest(network, picture, 5).labels == digit).mean() >= 0.6 for digit, picture in samples.items()]
    assert np.mean(same) >= 0.8


def test_a_digit_of_the_index_is_its_own_nearest(network, shipped):
    for place in (3, 200, 400):
        found = explain.nearest(network, shipped.pictures[place], 3)
        assert found.places[0] == shipped.places[place]
        assert found.distances[0] < 0.1 * found.distances[1]
        assert found.among == len(shipped.labels)
        assert (np.diff(found.distances) >= 0).all()


def test_features_are_what_the_last_layer_is_given(network, seven):
    np.testing.assert_array_equal(features(network, seven[None])[0], explain.feature_maps(network, seven)["pooled"])


def test_an_index_is_kept_and_read_again(network, shipped, tmp_path, seven):
    made = explain.make_index(network, shipped.pictures, shipped.labels, credit=shipped.credit)
    explain.save_index(made, tmp_path / "deep" / "index.npz")
    again = explain.load_index(tmp_path / "deep" / "index.npz", network)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["index.npz"]
    assert again.credit == shipped.credit
    wanted, given = (explain.nearest(network, seven, 8, index=index) for index in (shipped, again))
    np.testing.assert_array_equal(given.labels, wanted.labels)


def test_a_model_of_another_course_is_compared_with_the_same_digits(network, shipped, monkeypatch, tmp_path):
    explain.save_index(replace(shipped, model="0" * 64, features=shipped.features[:, ::-1]), tmp_path / "index.npz")
    monkeypatch.setattr("calame.explain.neighbours.SHIPPED", tmp_path / "index.npz")
    found = explain.nearest(network, shipped.pictures[7], 2)
    assert (found.places[0], found.labels[0]) == (shipped.places[7], shipped.labels[7])
    assert found.among == len(shipped.labels)


def test_an_index_of_another_model_is_refused(network, shipped, tmp_path):
    other = replace(shipped, model="0" * 64, name="mine@3")
    explain.save_index(other, tmp_path / "index.npz")
    with pytest.raises(OtherIndex, match=r"no neighbours for digits@\S+: the index .* was made with mine@3, 0000"):
        explain.load_index(tmp_path / "index.npz", network)
    with pytest.raises(OtherIndex, match=r"calame data fetch mnist"):
        explain.nearest(network, shipped.pictures[0], index=other)
    with pytest.raises(OtherIndex, match=r"made with -"):
        explain.load_index(tmp_path / "none.npz", network)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", None])
def test_a_file_that_is_no_index_is_refused(network, tmp_path, content):
    path = tmp_path / "index.npz"
    if content is None:
        np.savez(path, features=np.zeros((2, 3), np.int8))
    else:
        path.write_bytes(content)
    with pytest.raises(DamagedData, match="not an index of neighbours"):
        explain.load_index(path, network)


def test_medoids_stand_in_the_middle_of_their_like():
    random = np.random.default_rng(0)
    middles = random.normal(0, 10, (4, 5))
    values = np.concatenate([middle + random.normal(0, 0.1, (30, 5)) for middle in middles]).astype(np.float32)
    labels = np.repeat(np.array([1, 1, 8, 8], np.uint8), 30)
    found = medoids(values, labels, 2)
    assert sorted(found // 30) == [0, 1, 2, 3]
    assert np.abs(values[np.sort(found)] - middles).max() < 0.3
