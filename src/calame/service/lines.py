"""The log: a line of JSON for each event, on stderr. What is an event is for others to say."""

import json
import logging
import sys
from datetime import UTC, datetime

ENCODE = json.JSONEncoder(ensure_ascii=False).encode  # made once, and not for each line


class Lines(logging.Formatter):
    """A line of JSON for machines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for one event."""
        facts: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        for name in ("id", "method", "path", "status", "milliseconds", "code"):
            if getattr(record, name, None) is not None:
                facts[name] = getattr(record, name)
        if record.exc_info:
            facts["error"] = self.formatException(record.exc_info)
        return ENCODE(facts)


def log_to_stderr() -> None:
    """Send our lines, and the server's own, to stderr as JSON; a person at a terminal only sees what goes wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    level = logging.WARNING if sys.stderr.isatty() else logging.INFO
    for name in ("calame.service", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level if name == "calame.service" else logging.WARNING)
