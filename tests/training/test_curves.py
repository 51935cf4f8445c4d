"""The picture of the learning curves: what it says, and what it leaves alone."""

import sys

import pytest

from calame.errors import MissingExtra
from calame.training.curves import best_epoch, draw_curves

HISTORY = {
    "loss": [0.9, 0.3, 0.2],
    "accuracy": [0.7, 0.92, 0.95],
    "val_loss": [0.5, 0.2, 0.25],
    "val_accuracy": [0.85, 0.97, 0.96],
    "learning_rate": [0.1, 0.05, 0.0],
}
needs_matplotlib = pytest.mark.train  # Matplotlib comes with the extra


def drawn(monkeypatch, history, tmp_path, language="en", best=None):
    """Draw, and give back the figure and the bytes of the file."""
    from matplotlib.figure import Figure

    figures = []
    save = Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda self, *a, **k: (figures.append(self), save(self, *a, **k)))
    draw_curves(history, tmp_path / "curves.png", language, best=best)
    return figures[0], (tmp_path / "curves.png").read_bytes()


def test_best_epoch_is_the_most_accurate_and_of_equals_the_one_of_least_loss():
    assert best_epoch({"val_accuracy": [0.8, 0.9, 0.9, 0.7], "val_loss": [0.1, 0.3, 0.2, 0.2]}) == 3
    assert best_epoch({"val_accuracy": [0.9, 0.9]}) == 1
    assert best_epoch({"accuracy": [0.9]}) is None


@needs_matplotlib
def test_every_panel_has_its_curves_and_the_best_epoch(monkeypatch, tmp_path):
    figure, png = drawn(monkeypatch, HISTORY, tmp_path)
    loss, accuracy, rate = figure.axes
    assert png.startswith(b"\x89PNG")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Loss", "Accuracy", "Learning rate"]
    assert accuracy.get_title(loc="right") == "best epoch 2: 97.00%"
    assert loss.get_lines()[1].get_ydata() == pytest.approx(HISTORY["val_loss"])
    assert accuracy.get_lines()[1].get_ydata() == pytest.approx([0.15, 0.03, 0.04])  # errors, on a log axis
    assert accuracy.yaxis_inverted()
    assert rate.get_lines()[0].get_ydata() == pytest.approx(HISTORY["learning_rate"])


@needs_matplotlib
def test_french(monkeypatch, tmp_path):
    figure, _ = drawn(monkeypatch, HISTORY, tmp_path, "fr")
    assert figure.axes[1].get_title(loc="right") == "meilleure époque 2 : 97,00\u202f%"
    assert "90\u202f%" in [label.get_text() for label in figure.axes[1].get_yticklabels()]


@needs_matplotlib
def test_an_axis_of_unequal_steps_says_so(monkeypatch, tmp_path):
    figure, _ = drawn(monkeypatch, HISTORY, tmp_path)
    assert [axes.get_ylabel() for axes in figure.axes] == ["", "stretched: 90 to 99% is as far as 99 to 99.9%", ""]
    figure, _ = drawn(monkeypatch, HISTORY | {"loss": [9.0, 0.3, 0.2]}, tmp_path, "fr")
    assert figure.axes[0].get_ylabel() == "logarithmique"


@needs_matplotlib
@pytest.mark.parametrize(
    "history",
    [
        {"loss": [0.1], "accuracy": [1.0], "val_loss": [0.1], "val_accuracy": [1.0]},  # one epoch, no error left
        {"loss": [2.0, 0.0]},
        {name: values * 40 for name, values in HISTORY.items()},
    ],
)
def test_odd_histories_are_drawn_too(monkeypatch, tmp_path, history):
    figure, png = drawn(monkeypatch, history, tmp_path)
    assert len(png) > 5000
    assert len(figure.axes[-1].get_xticks()) <= 13


@needs_matplotlib
def test_the_epoch_that_was_kept_can_be_told(tmp_path, monkeypatch):
    figure, _ = drawn(monkeypatch, HISTORY, tmp_path, best=3)
    assert figure.axes[1].get_title(loc="right") == "best epoch 3: 96.00%"


@needs_matplotlib
def test_global_state_of_matplotlib_is_left_alone(tmp_path):
    import matplotlib

    before = dict(matplotlib.rcParams)
    draw_curves(HISTORY, tmp_path / "curves.png")
    assert dict(matplotlib.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_without_matplotlib_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtra, match=r"calame\[train\]"):
        draw_curves(HISTORY, tmp_path / "curves.png")
