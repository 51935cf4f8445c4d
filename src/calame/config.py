"""Settings: from flags, the environment and `CALAME_HOME/config.toml`, in that order, read once at the edge.

Nothing else in Calame looks at the environment; values go in by parameters.
"""

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from calame.errors import UsageError
from calame.locale import LANGUAGES, Phrase


@dataclass(frozen=True)
class Settings:
    """What the edge (command line, service) hands inwards.

    Attributes:
        home: cache, models and database of this user (`CALAME_HOME`).
        data: folder with data sets (`CALAME_DATA`), or None.
        language: "en" or "fr" (`--lang`, `CALAME_LANG`, then the locale of the system).
        colour: False when `NO_COLOR` is set.
        keys: API keys that the service asks for (`CALAME_API_KEYS`, commas between them); none: it asks for none.
        database: URL of the service's history (`CALAME_DATABASE_URL`); None: a file in `home`.
        limits: URL of the Redis that counts the service's requests (`CALAME_REDIS_URL`); None: each process counts.
        link: token for a public link (`NGROK_AUTHTOKEN`, the name that ngrok gave it); None: there can be none.
    """

    home: Path
    data: Path | None
    language: str
    colour: bool
    keys: tuple[str, ...] = field(default=(), repr=False)
    database: str | None = field(default=None, repr=False)
    limits: str | None = field(default=None, repr=False)
    link: str | None = field(default=None, repr=False)

    @property
    def cache(self) -> Path:
        """Where fetched data sets are kept, laid out as `CALAME_DATA` is."""
        return self.home / "data"

    @property
    def models(self) -> Path:
        """Where imported and trained model folders are kept."""
        return self.home / "models"

    def neighbours(self, digest: str) -> Path:
        """Where the index of neighbours of the network with this SHA-256 is kept."""
        return self.home / "explain" / f"neighbours-{digest[:16]}.npz"


def read_settings(environ: Mapping[str, str] | None = None, *, language: str | None = None) -> Settings:
    """Read the settings; `language` is the flag, which wins.

    Raises:
        UsageError: a language other than fr or en, or a settings file that is not TOML.
    """
    env = os.environ if environ is None else environ
    home = Path(env.get("CALAME_HOME") or _default_home(env)).expanduser()
    stored = _read_file(home / "config.toml")
    data = env.get("CALAME_DATA") or stored.get("data")
    asked = language or env.get("CALAME_LANG") or stored.get("language")
    if asked is not None and asked not in LANGUAGES:
        raise UsageError(problem=Phrase("config.language", found=asked))
    return Settings(
        home=home,
        data=Path(data).expanduser() if data else None,
        language=asked or _system_language(env),
        colour=not env.get("NO_COLOR"),
        keys=tuple(key for key in map(str.strip, env.get("CALAME_API_KEYS", "").split(",")) if key),
        database=env.get("CALAME_DATABASE_URL") or stored.get("database"),
        limits=env.get("CALAME_REDIS_URL") or stored.get("limits"),
        link=env.get("NGROK_AUTHTOKEN"),
    )


def _default_home(env: Mapping[str, str]) -> str:
    if sys.platform == "win32":
        return str(Path(env.get("LOCALAPPDATA", "~")) / "calame")
    if sys.platform == "darwin":
        return "~/Library/Application Support/calame"
    return str(Path(env.get("XDG_DATA_HOME") or "~/.local/share") / "calame")


def _read_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        return {key: str(value) for key, value in tomllib.loads(path.read_text(encoding="utf-8")).items()}
    except tomllib.TOMLDecodeError as error:
        raise UsageError(problem=f"{path}: {error}") from error


def _system_language(env: Mapping[str, str]) -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if env.get(name):
            return "fr" if env[name].lower().startswith("fr") else "en"
    return "en"


def quiet_tensorflow() -> None:
    """Keep TensorFlow's start-up notes, addressed to its developers, off the terminal; a variable set wins."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # the default; said aloud, it is not announced


def environment_with_threads(count: int) -> dict[str, str]:
    """Return this process's environment for another that computes in so many threads, and keeps quiet about it."""
    kept = {"TF_CPP_MIN_LOG_LEVEL": "2", "TF_ENABLE_ONEDNN_OPTS": "1"}
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    return {**kept, **os.environ, **dict.fromkeys(names, str(count))}


def calm_algebra() -> None:
    """Let NumPy's matrix products use one thread; a variable set wins. Call it before NumPy is loaded.

    Ours are small: two threads that wait for each other gain nothing, and on a machine with other work to do a
    gradient takes 70 ms instead of 5.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
