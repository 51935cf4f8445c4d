"""Loads Keras and its backend without their start-up notes, or says which extra is missing."""

import os
import sys
import tempfile

from calame.errors import MissingExtra

STDERR = 2  # the file descriptor: the notes come from C++, past `sys.stderr`


def load_keras() -> None:
    """Import Keras and its backend; what they print meanwhile is shown only if the import fails.

    Raises:
        MissingExtra: Keras or its backend is not installed.
    """
    sys.stderr.flush()
    terminal = os.dup(STDERR)
    with tempfile.TemporaryFile() as notes:
        os.dup2(notes.fileno(), STDERR)
        try:
            import keras

            keras.random.uniform((1,))  # the backend sets its devices up, and says so, at its first operation
        except ImportError as error:
            raise MissingExtra(package=error.name or "keras", extra="train") from error
        except BaseException:
            notes.seek(0)
            os.write(terminal, notes.read())
            raise
        finally:
            os.dup2(terminal, STDERR)
            os.close(terminal)
