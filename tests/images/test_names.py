"""Names of classes: all of ImageNet's have one in French, and one's own stay as they are."""

import json
import os
from pathlib import Path

import pytest

from calame.images.names import are_imagenet, french, name_of

ALL = tuple(french())


@pytest.mark.data("images")
def test_every_label_of_imagenet_has_a_french_name_and_nothing_else_has():
    index = json.loads((Path(os.environ["CALAME_DATA"]) / "images/imagenet_class_index.json").read_text())
    assert french().keys() == {label for _, label in index.values()}


def test_no_two_names_are_the_same_and_none_is_a_label():
    assert len(ALL) == len(set(french().values())) == 998  # two labels stand for two classes each
    assert list(ALL) == sorted(ALL)
    assert all(name == name.strip() and name and not set(name) & set("_'") for name in french().values())


@pytest.mark.parametrize(("label", "language", "name"), [
    ("tench", "fr", "tanche"), ("German_shepherd", "fr", "berger allemand"), ("toilet_tissue", "fr", "papier toilette"),
    ("Cardigan", "fr", "welsh corgi cardigan"), ("cardigan", "fr", "cardigan"),
    ("jack-o'-lantern", "en", "jack-o'-lantern"), ("toilet_tissue", "en", "toilet tissue"),
    ("broken_tile", "fr", "broken tile"),
])  # fmt: skip
def test_a_label_is_named(label, language, name):
    assert name_of(label, language) == name_of(label, language, ALL) == name


def test_the_list_is_for_imagenet_s_classes_alone():
    assert are_imagenet((*ALL, "crane", "maillot"))
    for own in (("crane", "truck"), ALL[1:], (*ALL, "truck")):
        assert name_of("crane", "fr", own) == "crane"
