"""Looking inside: what a network has learned, what it finds in a picture, and what its answer rests on.

Each function takes a model (a name, a folder, an opened `Network`) and a picture as the network sees it, (28, 28)
uint8, ink 255 on 0, and returns arrays; `calame.explain.drawings` draws them. Every function names its source.

    >>> from calame import DigitReader, explain
    >>> reading = DigitReader().read("photo.jpg")
    >>> found = explain.class_activation("digits", reading.prepared, reading.digit)
    >>> explain.drawings.draw_class(found, reading.prepared)  # shows itself in a notebook
"""

from calame.explain import drawings
from calame.explain.activation import ClassMap, class_activation, grad_cam
from calame.explain.arithmetic import Arithmetic, Making, arithmetic, making
from calame.explain.ascent import Liking, visualise
from calame.explain.attack import Flip, flip
from calame.explain.maps import feature_maps, filters
from calame.explain.neighbours import Index, Neighbours, load_index, make_index, nearest, save_index, shipped_index
from calame.explain.network import Network
from calame.explain.occlusion import Occlusion, occlusion
from calame.explain.operators import ACTIVATIONS
from calame.explain.outline import Stage, busiest, outline
from calame.explain.sweep import Sweep, sweep

__all__ = [
    "ACTIVATIONS",
    "Arithmetic",
    "ClassMap",
    "Flip",
    "Index",
    "Liking",
    "Making",
    "Neighbours",
    "Network",
    "Occlusion",
    "Stage",
    "Sweep",
    "arithmetic",
    "busiest",
    "class_activation",
    "drawings",
    "feature_maps",
    "filters",
    "flip",
    "grad_cam",
    "load_index",
    "make_index",
    "making",
    "nearest",
    "occlusion",
    "outline",
    "save_index",
    "shipped_index",
    "sweep",
    "visualise",
]
