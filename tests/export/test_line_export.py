"""The exported line network computes what Keras does, at any width, and a damaged one is refused."""

import numpy as np
import pytest

from calame.artifact import INT8, MODEL
from calame.errors import BadArray, DamagedModel, ParityError, UsageError

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def model():
    from calame.models import line

    return line.build()


def lines():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 255, (32, width), np.uint8) for width in (24, 64, 148)]


def export(model, path, check):
    from calame.export.line import export_line

    return export_line(model, path, check=check, version="1", preparation="grey", training={}, data=(), scores={})


def test_the_export_agrees_with_keras_at_any_width(model, tmp_path):
    from calame.engine.columns import ColumnSession
    from calame.models.line import PARAMETERS

    folder = export(model, tmp_path / "line", lines())
    assert folder.manifest.parameters == PARAMETERS < 1_000_000
    assert folder.manifest.files[MODEL]["bytes"] < 2_000_000
    session = ColumnSession(folder)
    for line in lines():
        wanted = np.asarray(model(line[None, :, :, None] / np.float32(255)))[0]
        assert session(line).shape == (line.shape[1] // 2, 12)
        np.testing.assert_allclose(session(line), wanted, atol=0.05)
    with pytest.raises(BadArray):
        session(np.zeros((32, 30), np.uint8))


def test_eight_bits_say_nearly_the_same_and_are_what_reads(model, tmp_path):
    from calame.engine.columns import ColumnSession
    from calame.export.line import with_int8

    made = export(model, tmp_path / "line", lines())
    with pytest.raises(UsageError):
        with_int8(made, made.path, [])
    folder = with_int8(made, made.path, lines())
    assert folder.lightest == INT8
    assert folder.manifest.files[INT8]["bytes"] < 0.8 * folder.manifest.files[MODEL]["bytes"]
    for line in lines():
        full, light = ColumnSession(folder)(line), ColumnSession(folder, INT8)(line)
        assert 0 < np.abs(full - light).max() < 0.1 * np.ptp(full)


def test_another_network_is_not_written(model, tmp_path, monkeypatch):
    from calame.export import line

    other = line.build()
    honest = line.emit_line
    monkeypatch.setattr(line, "emit_line", lambda _: honest(other))
    with pytest.raises(ParityError):
        export(model, tmp_path / "line", lines())
    assert not (tmp_path / "line").exists()


def test_a_digit_network_is_no_line_network():
    from calame.engine.columns import ColumnSession
    from calame.shelf import Shelf

    with pytest.raises(DamagedModel):
        ColumnSession(Shelf(None).find("digits"))
