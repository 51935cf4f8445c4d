"""The mean of the weights of several runs that went on from one (Wortsman and others, "Model soups", 2022)."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def mean_of(networks: Sequence[Any]) -> Any:
    """Return the last of some networks of one kind, with the mean of the weights of all."""
    weights = zip(*(network.get_weights() for network in networks), strict=True)
    networks[-1].set_weights([np.mean(each, axis=0) for each in weights])
    return networks[-1]
