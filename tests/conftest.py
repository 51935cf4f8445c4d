"""Where tests find data sets, and the list, at the end, of what was left out for want of them."""

import importlib.util
import os
from pathlib import Path

import pytest

from calame.config import calm_algebra
from leftout import told

calm_algebra()  # as the command line does, before anything loads NumPy
LEFT_OUT = pytest.StashKey[dict[str, list[str]]]()  # test: what it lacked
FILES = {  # what a test means by the name of a data set: this file under CALAME_DATA
    "mnist": "mnist/train-images-idx3-ubyte.gz",
    "qmnist": "qmnist/qmnist-train-labels-idx2-int.gz",
    "unipen": "unipen/unipen_digits.jsonl.gz",
    "uci": "uci/optdigits-orig.tra.gz",
    "photos": "dev/photos/labels.csv",
    "cvl_valid": "dev/cvl_valid.npz",
    "usps_zip": "dev/usps_zip.train.gz",
    "historical": "dev/historical.tar",
    "images": "images/tf2_mobilenet_v2_1.0_224_ptq.tflite",
}


def pytest_addoption(parser):
    parser.addoption(
        "--require-data",
        action="store_true",
        help="fail when a test is left out for want of data or an extra",
    )


def pytest_configure(config):
    config.stash[LEFT_OUT] = {}


def data_root() -> Path | None:
    folder = os.environ.get("CALAME_DATA")
    return Path(folder) if folder else None


def pytest_runtest_setup(item):
    missing = []
    for mark in item.iter_markers("data"):
        root = data_root()
        missing += [name for name in mark.args if root is None or not (root / FILES[name]).is_file()]
    if item.get_closest_marker("train") and importlib.util.find_spec("tensorflow") is None:
        missing.append("the extra `train`")
    if missing:
        item.config.stash[LEFT_OUT][item.nodeid] = missing
        pytest.skip("needs " + ", ".join(missing))


@pytest.hookimpl(optionalhook=True)  # of xdist
def pytest_testnodedown(node, error):
    """Hear from a process that ran some of the tests what it left out."""
    node.config.stash[LEFT_OUT] |= getattr(node, "workeroutput", {}).get("left_out", {})


def pytest_sessionfinish(session, exitstatus):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash[LEFT_OUT]
        return
    lacks = {lack for missing in session.config.stash[LEFT_OUT].values() for lack in missing}
    # What npm fetches for a test is no data set: a machine without its registry passes, and says what it left out.
    if session.config.getoption("--require-data") and any("npm" not in lack for lack in lacks) and exitstatus == 0:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter, config):
    for line in told(config.stash[LEFT_OUT]):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with data sets; only for tests marked `data`."""
    root = data_root()
    assert root is not None
    return root
