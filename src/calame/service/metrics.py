"""What is counted, for Prometheus: requests, stages, batches, refusals, and what drifts: confidence and quality."""

from collections.abc import Callable, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from calame.types import CodeReading, DigitReading

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1)
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """The measures of one service, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = own = CollectorRegistry()
        self.requests = Counter("calame_requests", "Requests answered.", ("route", "method", "status"), registry=own)
        self.duration = Histogram(
            "calame_request_duration_seconds", "From the first byte to the last.", ("route",), registry=own,
            buckets=SECONDS,
        )  # fmt: skip
        self.stage = Histogram(
            "calame_stage_duration_seconds", "What each stage of a reading takes.", ("stage",), registry=own,
            buckets=SECONDS,
        )  # fmt: skip
        stages = (self.stage.labels(name) for name in ("decode", "prepare", "queue", "network"))
        self._decode, self._prepare, self._queue, self._network = stages
        self.batch = Histogram("calame_batch_size", "Pictures of a batch.", registry=own, buckets=BATCHES)
        self.refused = Counter("calame_problems", "Requests answered with a problem.", ("code",), registry=own)
        self.uncounted = Counter(
            "calame_uncounted_requests", "Requests let in because the shared limits did not answer.", registry=own
        )
        self.readings = Counter("calame_readings", "Pictures read.", ("model", "decision"), registry=own)
        self.confidence = Histogram(
            "calame_confidence", "Calibrated confidence of readings.", ("model",), registry=own, buckets=SHARES
        )
        self.quality = Histogram("calame_quality_score", "Quality of the pictures read.", registry=own, buckets=SHARES)
        self.codes = Counter("calame_codes", "Numbers read.", ("state", "decision"), registry=own)
        self.code_confidence = Histogram(
            "calame_code_confidence", "Confidence of numbers.", registry=own, buckets=SHARES
        )
        self.in_hand = Gauge("calame_in_hand", "Pictures that are being read or wait for it.", registry=own)

    def watch(self, in_hand: Callable[[], float]) -> None:
        """Ask this whenever the measures are read."""
        self.in_hand.set_function(in_hand)

    def on_batch(self, pictures: int, waited: float) -> None:
        """Count a batch; an `Observer` of the batcher."""
        self.batch.observe(pictures)
        self._queue.observe(waited)

    def on_network(self, took: float) -> None:
        """Time the network, asked once for a batch, in seconds."""
        self._network.observe(took)

    def on_reading(self, reading: DigitReading, model: str, decode: float, prepare: float) -> None:
        """Count a reading: answered or why not, how sure, of how good a picture, and its own seconds."""
        self._decode.observe(decode)
        self._prepare.observe(prepare)
        self.readings.labels(model, reading.rejected or "answered").inc()
        if reading.prepared is not None:
            self.confidence.labels(model).observe(reading.confidence)
        if reading.quality is not None:
            self.quality.observe(reading.quality.score)

    def on_picture(self, model: str, decision: str, share: float, prepare: float) -> None:
        """Count a general picture: answered or why not, the share of its best class, and its own seconds."""
        self._prepare.observe(prepare)
        self.readings.labels(model, decision).inc()
        self.confidence.labels(model).observe(share)

    def on_codes(self, readings: Sequence[CodeReading], decode: float, read: float) -> None:
        """Count the numbers of a picture: its state as it is answered, why, how sure; and the picture's own seconds."""
        self._decode.observe(decode)
        self.stage.labels("code").observe(read)
        for reading in readings:
            self.codes.labels(reading.state, reading.rejected or reading.doubt or "accepted").inc()
            if reading.guess:
                self.code_confidence.observe(reading.confidence)

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self.registry)
