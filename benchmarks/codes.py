"""Handwritten numbers read by Calame, Tesseract and RapidOCR from the same files in one run: how many, how fast.

    python benchmarks/codes.py --data DIR [--rapidocr PYTHON] [--count N]

DIR holds the evaluation sets (dev/cheque_amounts, dev/code_photos). Tesseract is the program on the PATH, told that
there are digits alone and one line (--psm 7); RapidOCR's line recogniser, without its detector, is run by PYTHON, an
interpreter that has the package `rapidocr_onnxruntime` or `rapidocr`; whatever is not there is left out and named.

Prints one JSON object. A reading is right when its digits, all else dropped, are those of the label to the last;
`interval` is Wilson's, 95 %. One core each, files read again by each; `milliseconds` are means of a picture,
`processor` those that a core was at work for it, which a busy machine changes less; starting a program is not counted
but for Tesseract, which is one program a picture; `ratio` is of `processor`, to Calame's in this run. For Calame, also
what is wrong of the surest 70 %, and pictures a second with all cores: by `read_many`, whose threads share Python's
lock, and by the command on a thousand files, its start included. Nothing was learned from these files.
"""

import argparse
import csv
import itertools
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from calame.reader.code import CodeReader
from calame.training.intervals import wilson
from calame.training.selective import at_coverage

SETS = ("cheque_amounts", "code_photos")
PILE = 1000  # files of the command
SURE = 0.7  # of the readings, the surest
ONE_CORE = {"OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1"}

# Run by the other interpreter: paths in, one JSON list of texts and seconds out.
RAPID = """
import json, sys, time
try:
    from rapidocr_onnxruntime import RapidOCR
    engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
except ImportError:
    from rapidocr import RapidOCR
    engine = RapidOCR(params={"EngineConfig.onnxruntime.intra_op_num_threads": 1})
import cv2
cv2.setNumThreads(1)
paths = json.load(sys.stdin)
def read(path):
    found = engine(path, use_det=False, use_cls=False, use_rec=True)
    if hasattr(found, "txts"):
        return "".join(found.txts or ())
    return "".join(one[0] for one in found[0] or ())
read(paths[0])
started, busy = time.perf_counter(), time.process_time()
texts = [read(path) for path in paths]
print(json.dumps([texts, time.perf_counter() - started, time.process_time() - busy]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rapidocr", type=Path, help="an interpreter that has RapidOCR")
    parser.add_argument("--count", type=int, help="pictures of each set: less for a quick look")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    result: dict[str, Any] = {"benchmark": "codes", "cores": os.cpu_count(), "left_out": []}
    reader = CodeReader(reject_below=0.0)
    for name in SETS:
        paths, texts = labelled(arguments.data / "dev" / name, arguments.count)
        if not paths:
            result["left_out"].append(name)
            continue
        result[name] = {"n": len(paths), "calame": calame(reader, paths, texts)}
        for other, read in (("tesseract", tesseract), ("rapidocr", rapidocr)):
            said = read(paths, arguments)
            if said is None:
                result["left_out"] += [other] if other not in result["left_out"] else []
            else:
                facts = judged(said[0], texts) | {
                    "milliseconds": round(1e3 * said[1] / len(paths), 1),
                    "processor": round(1e3 * said[2] / len(paths), 1),
                }
                facts["ratio"] = round(facts["processor"] / result[name]["calame"]["processor"], 2)
                result[name][other] = facts
        if len(paths) * 10 >= PILE:
            result[name]["calame"]["command"] = commanded(paths)
    print(json.dumps(result, indent=1))


def labelled(folder: Path, count: int | None) -> tuple[list[Path], list[str]]:
    """Paths and labels of a set; empty when it is not there."""
    table = folder / "labels.csv"
    if not table.is_file():
        return [], []
    with table.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if (folder / row["path"]).is_file()][:count]
    return [folder / row["path"] for row in rows], [row["text"] for row in rows]


def judged(said: Sequence[str], texts: Sequence[str]) -> dict[str, Any]:
    """How many were read to the last digit."""
    right = sum(digits(one) == text for one, text in zip(said, texts, strict=True))
    return {"right": right, "exact": round(right / len(texts), 4),
            "interval": [round(end, 4) for end in wilson(right, len(texts))]}  # fmt: skip


def digits(text: str) -> str:
    return "".join(letter for letter in text if letter in "0123456789")


def calame(reader: CodeReader, paths: Sequence[Path], texts: Sequence[str]) -> dict[str, Any]:
    """One core for the time of a picture, all of them for pictures a second."""
    reader.read(paths[0])
    started, busy = time.perf_counter(), time.process_time()
    readings = [reader.read(path) for path in paths]
    took, busy = time.perf_counter() - started, time.process_time() - busy
    started = time.perf_counter()
    reader.read_many(paths)
    together = time.perf_counter() - started
    right = np.array([reading.guess == text for reading, text in zip(readings, texts, strict=True)])
    point = at_coverage(np.array([reading.confidence for reading in readings]), right, SURE)
    alone = {
        name: judged([next((one.text for one in r.readers if one.reader == name), "") for r in readings], texts)[
            "exact"
        ]
        for name in ("line", "cutting")
    }
    facts = judged([reading.guess for reading in readings], texts) | {"alone": alone}
    facts["surest"] = {"share": SURE, "answered": point.answered, "wrong": point.wrong}
    facts["milliseconds"] = round(1e3 * took / len(paths), 1)
    facts["processor"] = round(1e3 * busy / len(paths), 1)
    facts["a_second"] = round(len(paths) / together, 1)
    return facts


def commanded(paths: Sequence[Path]) -> dict[str, Any]:
    """`calame read --code FOLDER --out TABLE` on a folder of a thousand: these, some of them again."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "pile"
        folder.mkdir()
        for number, path in zip(range(PILE), itertools.cycle(paths), strict=False):
            (folder / f"{number:04}{path.suffix}").symlink_to(path.absolute())
        table = Path(scratch) / "table.csv"
        words = [sys.executable, "-m", "calame", "read", "--code", str(folder), "--out", str(table)]
        started = time.perf_counter()
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        took = time.perf_counter() - started
    return {"pictures": PILE, "seconds": round(took, 1), "a_second": round(PILE / took, 1)}


def tesseract(paths: Sequence[Path], _: argparse.Namespace) -> tuple[list[str], float, float] | None:
    """One line of digits, a program a picture; None when it is not installed."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    said: list[str] = []
    started, busy = time.perf_counter(), children()
    for path in paths:
        words = [program, str(path), "stdout", "--psm", "7", "-c", "tessedit_char_whitelist=0123456789"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, **ONE_CORE})
        said.append(done.stdout)
    return said, time.perf_counter() - started, children() - busy


def children() -> float:
    """Seconds of processor time that programs started from here have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def rapidocr(paths: Sequence[Path], arguments: argparse.Namespace) -> tuple[list[str], float, float] | None:
    """The line recogniser alone, all pictures in one process; None when there is no interpreter that has it."""
    if arguments.rapidocr is None:
        return None
    asked = json.dumps([str(path) for path in paths])
    done = subprocess.run(
        [str(arguments.rapidocr), "-c", RAPID], input=asked, capture_output=True, text=True, check=False,
        env={**os.environ, **ONE_CORE},
    )  # fmt: skip
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return None
    texts, took, busy = json.loads(done.stdout.splitlines()[-1])
    return texts, took, busy


if __name__ == "__main__":
    main()
