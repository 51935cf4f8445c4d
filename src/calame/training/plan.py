"""What a training run is made of, as plain values: a `Plan` can be printed, compared, stored and resumed."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Literal

from calame.data.augment import Augmentation
from calame.errors import UsageError
from calame.locale import Phrase
from calame.models import built


@dataclass(frozen=True)
class Plan:
    """One training run, but for its data and its folder.

    Attributes:
        network: a name of `NETWORKS`, or a stack of layers in the words of `calame.models.built`.
        epochs: how many at most.
        batch: pictures a step.
        optimizer: "adam" (constant rate), or "sgd" (Nesterov momentum 0.9).
        rate: the (highest) learning rate.
        schedule: "constant", or "one-cycle" (linear up for `warmup` of the steps, then linear down to 0;
            Smith, "Super-Convergence", 2018).
        warmup: share of the steps, 0-1.
        decay: weight decay, decoupled (Loshchilov and Hutter, 2019).
        smoothing: label smoothing, 0-1 (Szegedy and others, 2016).
        ema: share of the average that is kept at each step, or 0 for none; the average is what is evaluated.
        augmentation: None for none.
        calm: share of the epochs, at the end, with the augmentation at half its amounts.
        patience: epochs without a better validation before stopping, or None.
        limit: only the first so many training pictures, or None.
        precision: "auto" is bfloat16 where the processor has it, float32 elsewhere.
        seed: of everything random.
    """

    network: str
    epochs: int
    batch: int = 128
    optimizer: Literal["adam", "sgd"] = "adam"
    rate: float = 1e-3
    schedule: Literal["constant", "one-cycle"] = "constant"
    warmup: float = 0.2
    decay: float = 0.0
    smoothing: float = 0.0
    ema: float = 0.0
    augmentation: Augmentation | None = None
    calm: float = 0.0
    patience: int | None = None
    limit: int | None = None
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain values."""
        return asdict(self)


def _course() -> Any:
    from calame.models import course

    return course.build()


def _course_quick() -> Any:
    from calame.models import course

    return course.build_quick()


def _blocks(blocks: int) -> Any:
    from calame.models import blocks as family

    return family.build(blocks)


def _compact() -> Any:
    from calame.models import compact

    return compact.build()


def _broad() -> Any:
    from calame.models import compact

    return compact.build_broad()


# Functions, so that a name can be checked without loading Keras.
NETWORKS: dict[str, Callable[[], Any]] = {
    "course": _course,
    "course-quick": _course_quick,
    "blocks": partial(_blocks, 4),
    "blocks-3": partial(_blocks, 3),
    "compact": _compact,
    "broad": _broad,
}


def build_network(name: str) -> Any:
    """Return the Keras network of a plan: one of `NETWORKS`, or one put together (`calame.models.built`).

    Raises:
        BadStack: neither.
    """
    return NETWORKS[name]() if name in NETWORKS else built.build(built.parse(name))


# The augmentation of S4: rotations and deformations, all mild.
MILD = Augmentation(rotation=10, scale=0.1, shear=0.0, shift=2.0, elastic=0.0)
BENT = Augmentation(rotation=10, scale=0.1, shear=0.1, shift=1.5, elastic=0.4)

PLANS: dict[str, Plan] = {
    "course": Plan("course", epochs=5),
    "course-quick": Plan("course-quick", epochs=3, limit=10_000),
    "blocks": Plan("blocks", epochs=15, augmentation=MILD, smoothing=0.1, patience=5),
    "compact": Plan(
        "compact", epochs=28, optimizer="sgd", rate=0.1, schedule="one-cycle", decay=5e-4, smoothing=0.05,
        ema=0.995, calm=0.2,
        augmentation=BENT,
    ),
    "broad": Plan(
        "broad", epochs=24, optimizer="sgd", rate=0.1, schedule="one-cycle", decay=5e-4, smoothing=0.03, ema=0.995,
        calm=0.2, augmentation=BENT,
    ),
}  # fmt: skip


def plan_for(name: str, **changes: Any) -> Plan:
    """Return the plan of a network, with `changes` that are not None.

    Raises:
        UsageError: no network of this name; the message lists the known.
    """
    if name not in PLANS:
        raise UsageError(problem=Phrase("train.unknown_network", name=name, known=", ".join(PLANS)))
    return replace(PLANS[name], **{key: value for key, value in changes.items() if value is not None})
