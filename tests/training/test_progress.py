"""A training says where it is: a line an epoch where there is no terminal, and a bar where there is one."""

import io

import pytest

pytestmark = pytest.mark.train

LOGS = {"loss": 0.25, "accuracy": 0.9, "val_loss": 0.2, "val_accuracy": 0.95, "seconds": 3.0}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def watch(stream, language, logs=LOGS):
    from calame.training.progress import Watcher

    watcher = Watcher(2, language=language, stream=stream)
    watcher.set_params({"steps": 4})
    watcher.on_train_begin()
    watcher.on_epoch_begin(1)
    watcher.on_train_batch_end(0, {"loss": 0.3, "accuracy": 0.8})
    watcher.on_epoch_end(1, logs)
    watcher.on_train_end()
    return stream.getvalue()


def test_a_line_an_epoch():
    said = watch(io.StringIO(), "en")
    assert said.startswith("epoch 2/2  loss 0.2500")
    assert "validation: loss 0.2000  accuracy 95" in said
    assert said.count("\n") == 1


def test_without_validation_nothing_is_made_up():
    said = watch(io.StringIO(), "fr", {name: LOGS[name] for name in ("loss", "accuracy", "seconds")})
    assert said.startswith("époque 2/2  perte 0,2500  précision 90,00\u202f%  3,0 s")
    assert "validation" not in said


def test_a_terminal_gets_a_bar_over_all_epochs():
    said = watch(Terminal(), "en")
    assert "5/8" in said  # the first batch of the second epoch of two, four batches each
    assert "loss 0.300" in said
