"""The step that asks a salient-object network: which one, how often it is loaded, and what is said without it."""

import hashlib
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from calame.errors import DownloadFailed, MissingExtra
from calame.imaging import background
from calame.imaging.background import Background
from calame.imaging.frame import Frame

PAGE = np.full((40, 60, 3), (200, 180, 160), np.uint8)
PAGE[::2, ::2] = 150  # a pattern
PAGE[10:30, 20:40] = 20  # the object


@pytest.fixture
def rembg(monkeypatch, tmp_path):
    """A stand-in for the package, whose mask is the object; its weights are a file of ours."""
    weights = tmp_path / "u2netp.onnx"
    weights.write_bytes(b"weights")
    asked = []

    class Session:
        @classmethod
        def download_models(cls):
            return str(weights)

    def new_session(name):
        asked.append(name)
        return Session()

    def remove(pixels, *, session, only_mask):
        assert isinstance(session, Session)
        assert only_mask
        return np.where((pixels == 20).all(axis=2), 255, 0).astype(np.uint8)

    monkeypatch.setitem(sys.modules, "rembg", SimpleNamespace(new_session=new_session, remove=remove))
    monkeypatch.setattr(background, "SHA256", hashlib.sha256(b"weights").hexdigest())
    background._session.cache_clear()
    yield SimpleNamespace(asked=asked, weights=weights)
    background._session.cache_clear()


def test_the_background_becomes_even_and_the_network_is_loaded_once(rembg):
    for _ in range(3):
        pixels = Background()(Frame(PAGE)).pixels
    assert rembg.asked == ["u2netp"]
    np.testing.assert_array_equal(pixels[10:30, 20:40], 20)
    assert len(np.unique(pixels[:9].reshape(-1, 3), axis=0)) == 1


def test_other_weights_are_refused(rembg):
    rembg.weights.write_bytes(b"something else")
    with pytest.raises(DownloadFailed, match=r"u2netp\.onnx"):
        Background()(Frame(PAGE))


def test_without_the_package_the_way_to_it_is_given(monkeypatch):
    monkeypatch.setitem(sys.modules, "rembg", None)
    background._session.cache_clear()
    with pytest.raises(MissingExtra, match=r"calame\[background\]"):
        Background()(Frame(PAGE))
