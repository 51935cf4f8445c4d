"""What is said of tests that were left out adds up."""

from leftout import told


def test_a_test_that_lacks_two_sets_is_counted_once():
    lines = told({"a": ["mnist"], "b": ["qmnist", "mnist"], "c": ["mnist", "qmnist"]})
    assert lines[0].startswith("left out: 3 tests (")
    assert lines[1:] == ["  1 that need mnist", "  2 that need mnist, qmnist"]
    assert told({}) == []


def test_the_way_out_is_that_of_what_is_lacking():
    assert told({"a": ["npm and axe-core"]})[0] == "left out: 1 tests (install npm, online)"
    assert "npm" not in told({"a": ["mnist"]})[0]
    assert "CALAME_DATA" in told({"a": ["mnist"], "b": ["npm and axe-core"]})[0]
