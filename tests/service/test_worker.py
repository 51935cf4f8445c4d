"""The processes of the service: the one that starts others is light, and a worker's garbage collector lets it work."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from calame.service.app import create_app
from calame.service.settings import HISTORY, ServiceSettings, default_url


def told(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()


def test_who_starts_workers_loads_nothing_of_theirs():
    loaded = told(
        "import sys, calame.service.worker, calame.service.listening, calame.service.lines; print(*sys.modules)"
    )
    assert {"fastapi", "sqlalchemy", "cv2", "onnxruntime"}.isdisjoint(loaded)


def test_what_a_worker_is_made_of_is_walked_through_no_more():
    frozen, seldom = told(
        "import gc; from calame.service import settings, worker; worker.create_worker(settings.ServiceSettings());"
        "print(gc.get_freeze_count(), gc.get_threshold()[0])"
    )
    assert int(frozen) > 50_000
    assert int(seldom) > 2_000


PARENT = """
import multiprocessing, os, signal
from test_worker import outlive

if __name__ == "__main__":
    child = multiprocessing.get_context("spawn").Process(target=outlive)
    child.start()
    input()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def outlive():
    from calame.service.worker import end_with_parent

    end_with_parent()
    print("ready", flush=True)
    time.sleep(60)
    print("outlived", flush=True)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9 there")
def test_a_worker_does_not_outlive_the_process_that_started_it(tmp_path):
    program = tmp_path / "parent.py"
    program.write_text(PARENT, encoding="utf-8")
    search = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        [sys.executable, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": search},
    ) as parent:  # fmt: skip
        assert parent.stdout.readline() == "ready\n"
        parent.stdin.write("\n")
        parent.stdin.flush()
        assert parent.wait() == -signal.SIGKILL
        assert parent.stdout.read() == "", "which its child holds until it ends"


@pytest.mark.parametrize("home", ["/home/a", "/home/a b", "/home/a?b#c", "/home/é", "C:\\Users\\a"])
def test_the_history_is_where_its_url_says(home):
    wanted = URL.create("sqlite", database=str(Path(home) / HISTORY)).render_as_string()
    assert default_url(Path(home)) == wanted


def test_nothing_is_told_to_anybody_even_where_the_environment_asks_for_it(monkeypatch):
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    app = create_app(ServiceSettings(threads=1))
    assert not any(app._telemetry[name] for name in ("tracing", "metrics", "logs", "operation_spans", "auto_configure"))
