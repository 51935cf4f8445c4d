"""Requests per client counted in Redis, for all workers and machines together: the bucket of `limits`, by one script.

The script takes and counts in one step, by the clock of Redis, so that no two workers let in the same last request.
When Redis does not answer, requests are let in and counted as such: the limits spare a machine, and are no reason for
it to stop reading. Only what cannot be mended by waiting, a bad URL or an absent package, is an error.
"""

import logging
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from calame.errors import MissingExtra, UsageError
from calame.locale import Phrase
from calame.service.limits import told

if TYPE_CHECKING:
    from redis.asyncio import Redis

LOG = logging.getLogger("calame.service")
PREFIX = "calame:rate:"
PATIENCE = 0.25  # seconds for Redis to answer: it takes a fraction of a millisecond where it is near
PAUSE = 1.0  # seconds that nobody asks it after it has failed
AGAIN = 60.0  # seconds between two lines of the log about it
MOST = 64  # connections of one process, at most
# KEYS[1]: of the client; ARGV[1]: requests a minute. Returns what was found in the bucket, before one is taken of it.
# A bucket that is full says no more than none: so long is it kept.
TAKE = """
local rate, clock = tonumber(ARGV[1]), redis.call("TIME")
local now = clock[1] + clock[2] / 1e6
local kept = redis.call("HMGET", KEYS[1], "left", "since")
local since = tonumber(kept[2]) or now
local found = math.min(rate, (tonumber(kept[1]) or rate) + math.max(0, now - since) * rate / 60)
local left = found >= 1 and found - 1 or found
redis.call("HSET", KEYS[1], "left", string.format("%.17g", left), "since", string.format("%.17g", now))
redis.call("PEXPIRE", KEYS[1], math.ceil((rate - left) * 60000 / rate) + 1000)
return string.format("%.17g", found)
"""


class SharedRates:
    """Clients counted in Redis: a `Rates`.

    Args:
        rate: requests a minute.
        url: redis://, rediss:// (TLS) or unix://.
        on_let_in: called for each request that was let in uncounted.

    Raises:
        UsageError: the URL makes no sense.
        MissingExtra: the package `redis` is not installed.
    """

    def __init__(self, rate: int, url: str, on_let_in: Callable[[], object]) -> None:
        self.rate, self._on_let_in = rate, on_let_in
        self._redis = connect(url)
        self._script = self._redis.register_script(TAKE)
        self._quiet_until, self._said = -math.inf, -math.inf

    async def take(self, client: str) -> dict[str, str]:
        """Take one request; see `Rates`. Nothing is said of what is left while Redis does not answer."""
        from redis.exceptions import RedisError

        if time.monotonic() < self._quiet_until:
            return self._let_in()
        try:
            found = float(cast("bytes", await self._script(keys=[PREFIX + client], args=[self.rate])))
        except (RedisError, OSError) as error:
            self._quiet_until = time.monotonic() + PAUSE
            self._say(error)
            return self._let_in()
        return told(self.rate, found)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    def _let_in(self) -> dict[str, str]:
        self._on_let_in()
        return {}

    def _say(self, error: Exception) -> None:
        """Log it, once in a while; never the URL, which may hold a password."""
        now = time.monotonic()
        if now - self._said >= AGAIN:
            self._said = now
            LOG.warning("shared limits do not answer, requests are let in: %s: %s", type(error).__name__, error)


def connect(url: str) -> "Redis":
    """Return a client of the Redis at a URL; nothing is opened yet.

    Raises:
        UsageError: the URL makes no sense. MissingExtra: the package `redis` is not installed.
    """
    try:
        from redis.asyncio import BlockingConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError as error:
        raise MissingExtra(package="redis", extra="redis") from error
    try:
        pool = BlockingConnectionPool.from_url(
            url, max_connections=MOST, timeout=PATIENCE, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )  # fmt: skip
    except ValueError as error:
        raise UsageError(problem=Phrase("service.bad_limits")) from error
    return Redis.from_pool(pool)
