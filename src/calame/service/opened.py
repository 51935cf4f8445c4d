"""What is made of models, a look inside or a reader of codes: once for each, and let go of when the model goes."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from calame.artifact import ModelFolder
from calame.service.reading import Models

Made = TypeVar("Made")


class Opened(Generic[Made]):
    """What is made of the models that somebody has asked for.

    Args:
        models: of the service.
        make: takes a moment.
        close: called, in a thread, with what was made of a model that has left the shelf, or come again under its name.
    """

    def __init__(
        self, models: Models, make: Callable[[ModelFolder], Made], close: Callable[[Made], object] | None = None
    ) -> None:
        self._models, self._make, self._close = models, make, close
        self._making = threading.Lock()
        self._made: dict[str, tuple[ModelFolder, Made]] = {}

    def get(self, wanted: str | None) -> Made:
        """Return what is made of a model; from a thread, for making it takes a moment.

        Raises:
            UnknownModel: no model of this name. DamagedModel: it does not open.
        """
        name = self._models.name(wanted)
        with self._making:
            self._let_go()
            folder = self._models.folder(name)
            if name not in self._made:
                self._made[name] = folder, self._make(folder)
            return self._made[name][1]

    def _let_go(self) -> None:
        folders = self._models.folders
        for name in [name for name, (folder, _) in self._made.items() if folders.get(name) is not folder]:
            _, gone = self._made.pop(name)
            if self._close is not None:
                threading.Thread(target=self._close, args=[gone]).start()  # who waits has an answer first

    def close(self) -> None:
        """Close all that was made."""
        for _, made in self._made.values():
            if self._close is not None:
                self._close(made)
