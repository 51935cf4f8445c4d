"""Says how a training goes: a bar with batch, epoch and time left on a terminal, a line an epoch elsewhere."""

import sys
from typing import Any, TextIO

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from calame.locale import text
from calame.locale.numbers import number, percent


class Watcher(keras.callbacks.Callback):
    """A Keras callback that prints to `stream` (default stderr) in `language`; it comes after the `Keeper`."""

    def __init__(self, epochs: int, *, language: str = "en", stream: TextIO | None = None) -> None:
        super().__init__()
        self.epochs, self.language = epochs, language
        self.stream = stream or sys.stderr
        self.bar: Progress | None = None
        self.task: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Put up the bar where there is a terminal to draw it on."""
        if self.stream.isatty():
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(compact=True),
            )
            self.bar = Progress(*columns, TextColumn("{task.fields[facts]}"), console=Console(file=self.stream))
            self.bar.start()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Begin a bar whose end is the end of the whole training, so that the time left is that of all of it."""
        params: Any = self.params
        steps: int = params["steps"]
        if self.bar is not None and self.task is None:
            total = steps * self.epochs
            self.task = self.bar.add_task("", total=total, completed=steps * epoch, facts="")
        if self.bar is not None:
            self.bar.update(
                self.task, description=text("train.epoch", self.language, epoch=epoch + 1, epochs=self.epochs)
            )

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move the bar by a batch and show the loss so far."""
        if self.bar is not None and logs:
            facts = text(
                "train.batch",
                self.language,
                loss=number(logs["loss"], 3, self.language),
                accuracy=percent(logs["accuracy"], 2, self.language),
            )
            self.bar.update(self.task, advance=1, facts=facts)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Print the epoch's line, which stays."""
        seen = dict(logs or {})
        # Each value as a reader of the language writes it; the loss in four decimals.
        facts = {name: number(value, 4, self.language) for name, value in seen.items() if name.endswith("loss")}
        facts |= {name: percent(value, 2, self.language) for name, value in seen.items() if name.endswith("accuracy")}
        facts["seconds"] = number(seen["seconds"], 1, self.language)
        head = text("train.epoch", self.language, epoch=epoch + 1, epochs=self.epochs)
        if "val_loss" in seen:
            line = text("train.epoch_judged", self.language, **facts)
        else:
            line = text("train.epoch_done", self.language, **facts)
        if self.bar is not None:
            self.bar.print(f"{head}  {line}", highlight=False)
        else:
            print(f"{head}  {line}", file=self.stream, flush=True)

    def on_train_end(self, logs: Any = None) -> None:
        """Take the bar down."""
        self.close()

    def close(self) -> None:
        """Take the bar down, also after an interruption."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None
