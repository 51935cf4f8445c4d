"""Against a real server on this machine that misbehaves in the ways that mirrors do."""

import gzip
import hashlib
import random
import threading
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import ProxyHandler, build_opener

import pytest
from test_lzw import compress

from calame.data.catalogue import File, Mirror, Source
from calame.data.fetch import fetch, locate
from calame.errors import CannotWrite, DamagedData, DownloadFailed, MissingData, NoMirror, UsageError
from calame.locale import Phrase

BODY = random.Random(0).randbytes(400_000)
TABLE = b"".join(b"%d,%d,7\n" % (n % 100, n * n % 89) for n in range(3000))
OPEN = partial(build_opener(ProxyHandler({})).open, timeout=5)  # no proxy stands between us and ourselves


class Server(ThreadingHTTPServer):
    """Serves `bodies` by path; `cuts` are byte counts after which the next answers break off."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: dict[str, bytes] = {}
        self.cuts: list[int] = []
        self.ranges = True
        self.told_length = True
        self.stall = threading.Event()  # cleared: answers break off without closing
        self.stall.set()
        self.asked: list[tuple[str, str | None]] = []

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def handle_error(self, request, client_address):
        pass  # a connection that the other side gave up


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self):
        asked = self.headers["Range"]
        self.server.asked.append((self.path, asked))
        body = self.server.bodies.get(self.path)
        if body is None:
            self.send_error(404)
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.server.ranges else 0
        if start and start >= len(body):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(body)}")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        if self.server.told_length:
            self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        end = start + self.server.cuts.pop(0) if self.server.cuts else len(body)
        self.wfile.write(body[start:end])
        self.server.stall.wait()

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.stall.set()
        server.shutdown()
        thread.join()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def one_file(*mirrors: Mirror) -> dict[str, Source]:
    file = File("set/body.bin", len(BODY), sha256(BODY), mirrors=mirrors)
    return {"set": Source("set", "Set", Phrase("data.what.mnist"), "CC0", "https://x", "https://origin", True, (file,))}


def table_source(mirror: Mirror) -> dict[str, Source]:
    packed = gzip.compress(TABLE)
    file = File("set/t.csv.gz", len(packed), sha256(packed), len(TABLE), sha256(TABLE), mirrors=(mirror,))
    return {"set": replace(one_file()["set"], files=(file,))}


def names(root) -> set[str]:
    return {path.name for path in (root / "set").iterdir()} - {".lock"}


def test_a_file_comes_whole_and_its_progress_is_told(server, tmp_path):
    server.bodies["/a"] = BODY
    told = []
    sources = one_file(Mirror(server.url("/a")))
    root = fetch("set", tmp_path, progress=lambda *now: told.append(now), opener=OPEN, sources=sources)
    assert (root / "set/body.bin").read_bytes() == BODY
    assert names(tmp_path) == {"body.bin"}
    assert told == sorted(told)
    assert told[-1] == (len(BODY), len(BODY))
    assert locate("set", None, tmp_path, sources=sources) == tmp_path


def test_a_cut_connection_is_taken_up_where_it_stopped(server, tmp_path):
    server.bodies["/a"] = BODY
    server.cuts = [100_000, 50_000]
    fetch("set", tmp_path, opener=OPEN, sources=one_file(Mirror(server.url("/a"))))
    assert (tmp_path / "set/body.bin").read_bytes() == BODY
    assert server.asked == [("/a", None), ("/a", "bytes=100000-"), ("/a", "bytes=150000-")]


def test_the_next_run_goes_on_with_what_the_last_one_left(server, tmp_path):
    server.bodies["/a"] = BODY
    server.cuts = [70_000, 0]  # the second connection brings nothing: given up
    sources = one_file(Mirror(server.url("/a")))
    with pytest.raises(DownloadFailed, match="cut after 70000 of 400000 bytes"):
        fetch("set", tmp_path, opener=OPEN, sources=sources)
    assert names(tmp_path) == {"a.part"}
    with pytest.raises(MissingData, match=r"body\.bin"):
        locate("set", tmp_path, sources=sources)
    fetch("set", tmp_path, opener=OPEN, sources=sources)
    assert (tmp_path / "set/body.bin").read_bytes() == BODY
    assert server.asked[-1] == ("/a", "bytes=70000-")


def test_a_server_that_ignores_ranges_sends_all_again(server, tmp_path):
    server.bodies["/a"], server.ranges, server.cuts = BODY, False, [100_000]
    fetch("set", tmp_path, opener=OPEN, sources=one_file(Mirror(server.url("/a"))))
    assert (tmp_path / "set/body.bin").read_bytes() == BODY
    assert names(tmp_path) == {"body.bin"}


def test_a_server_that_tells_no_length_is_believed_by_the_catalogue_alone(server, tmp_path):
    server.bodies["/a"], server.told_length, server.cuts = BODY, False, [100_000]
    fetch("set", tmp_path, opener=OPEN, sources=one_file(Mirror(server.url("/a"))))
    assert (tmp_path / "set/body.bin").read_bytes() == BODY


@pytest.mark.parametrize("left", [BODY, BODY[:-1], BODY + b"more", b"other" * 80_000, b"other"], ids=len)
def test_whatever_an_earlier_run_left_the_file_is_right(server, tmp_path, left):
    server.bodies["/a"] = BODY
    (tmp_path / "set").mkdir()
    (tmp_path / "set/a.part").write_bytes(left)
    fetch("set", tmp_path, opener=OPEN, sources=one_file(Mirror(server.url("/a"))))
    assert (tmp_path / "set/body.bin").read_bytes() == BODY
    assert names(tmp_path) == {"body.bin"}


def test_the_second_mirror_goes_on_where_the_first_stopped(server, tmp_path):
    server.bodies["/2/a"] = BODY
    (tmp_path / "set").mkdir()
    (tmp_path / "set/a.part").write_bytes(BODY[:1000])
    fetch("set", tmp_path, opener=OPEN, sources=one_file(Mirror(server.url("/1/a")), Mirror(server.url("/2/a"))))
    assert server.asked == [("/1/a", "bytes=1000-"), ("/2/a", "bytes=1000-")]


def test_wrong_bytes_are_removed_and_every_mirror_s_problem_is_named(server, tmp_path):
    server.bodies["/wrong"] = bytes(len(BODY))
    server.bodies["/long"] = BODY + b"more"
    sources = one_file(*(Mirror(server.url(path)) for path in ("/wrong", "/gone", "/long")))
    with pytest.raises(DownloadFailed) as caught:
        fetch("set", tmp_path, opener=OPEN, sources=sources)
    assert names(tmp_path) == set()
    message = str(caught.value)
    assert "wrong.part was removed" in message
    assert "answered HTTP 404" in message
    assert "sends 400004 bytes, expected 400000" in message
    assert str(tmp_path / "set") in message
    assert "wrong.part a été supprimé" in caught.value.message("fr")


def test_a_mirror_that_falls_silent_is_given_up(server, tmp_path):
    server.bodies["/a"], server.cuts = BODY, [5000, 0]
    server.stall.clear()
    impatient = partial(OPEN.func, timeout=0.1)
    with pytest.raises(DownloadFailed, match=r"no connection: .*timed out"):
        fetch("set", tmp_path, opener=impatient, sources=one_file(Mirror(server.url("/a"))))
    assert (tmp_path / "set/a.part").stat().st_size == 5000


def test_no_connection_says_what_to_put_where(tmp_path, server):
    server.shutdown()
    server.server_close()
    with pytest.raises(
        DownloadFailed, match=r"set/body\.bin could not be downloaded \(127\.0\.0\.1 no connection: .*by hand"
    ):
        fetch("set", tmp_path, opener=OPEN, sources=one_file(Mirror(server.url("/a"))))


PADDED = TABLE.replace(b",", b",  ").replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    ("form", "body"),
    [("numbers", TABLE), ("numbers", PADDED), ("compress", compress(TABLE, 16))],
    ids=["same", "padded", "Z"],
)
@pytest.mark.parametrize("cuts", [[], [2000]])
def test_content_that_a_mirror_keeps_otherwise_is_brought_into_our_form(server, tmp_path, form, body, cuts):
    server.bodies["/t"], server.cuts = body, cuts
    sources = table_source(Mirror(server.url("/t"), form))
    fetch("set", tmp_path, opener=OPEN, sources=sources)
    assert names(tmp_path) == {"t.csv.gz"}
    assert gzip.decompress((tmp_path / "set/t.csv.gz").read_bytes()) == TABLE
    assert locate("set", tmp_path, sources=sources) == tmp_path


@pytest.mark.parametrize("form", ["numbers", "compress"])
@pytest.mark.parametrize("body", [TABLE[:-7], b"<html>we have moved</html>", bytes(1 << 20)], ids=len)
def test_content_that_is_not_the_table_is_refused(server, tmp_path, form, body):
    server.bodies["/t"] = body
    with pytest.raises(DownloadFailed, match=r"another checksum; t\.part was removed|sends 1048576 bytes"):
        fetch("set", tmp_path, opener=OPEN, sources=table_source(Mirror(server.url("/t"), form)))
    assert names(tmp_path) == set()


def test_a_whole_file_is_kept_and_a_damaged_one_replaced(server, tmp_path):
    server.bodies["/a"] = BODY
    sources = one_file(Mirror(server.url("/a")))
    (tmp_path / "set").mkdir()
    (tmp_path / "set/body.bin").write_bytes(bytes(len(BODY)))
    fetch("set", tmp_path, opener=OPEN, sources=sources)
    assert (tmp_path / "set/body.bin").read_bytes() == BODY
    fetch("set", tmp_path, opener=OPEN, sources=sources)
    assert len(server.asked) == 1


def test_two_at_once_do_not_disturb_each_other(server, tmp_path):
    server.bodies["/a"] = BODY
    job = partial(fetch, "set", tmp_path, opener=OPEN, sources=one_file(Mirror(server.url("/a"))))
    threads = [threading.Thread(target=job) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "set/body.bin").read_bytes() == BODY
    assert server.asked == [("/a", None)]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "set").write_text("a file where the folder should be")
    with pytest.raises(CannotWrite, match="CALAME_HOME"):
        fetch("set", tmp_path, opener=OPEN, sources=one_file(Mirror("http://127.0.0.1:9/a")))


def test_a_set_without_mirrors_says_where_it_comes_from(tmp_path):
    for call in (partial(fetch, "set", tmp_path, opener=OPEN), partial(locate, "set", tmp_path)):
        with pytest.raises(NoMirror, match=r"body\.bin.*made from https://origin"):
            call(sources=one_file())
    (tmp_path / "set").mkdir(exist_ok=True)
    (tmp_path / "set/body.bin").write_bytes(bytes(len(BODY)))
    with pytest.raises(DamagedData, match=r"body\.bin: not the expected content"):
        fetch("set", tmp_path, opener=OPEN, sources=one_file())


def test_the_first_whole_root_is_taken_and_a_damaged_file_is_named(tmp_path):
    sources = one_file(Mirror("https://x/a"))
    first, second = tmp_path / "1", tmp_path / "2"
    for root, content in ((first, BODY[:-1]), (second, BODY)):
        (root / "set").mkdir(parents=True)
        (root / "set/body.bin").write_bytes(content)
    assert locate("set", None, first, second, sources=sources) == second
    with pytest.raises(DamagedData, match=r"1/set/body\.bin: 399999 bytes, expected 400000"):
        locate("set", first, tmp_path / "3", sources=sources)
    with pytest.raises(MissingData, match=f"put the files in {tmp_path}/3/set"):
        locate("set", tmp_path / "4", tmp_path / "3", sources=sources)


@pytest.mark.parametrize(("name", "packed"), [("t.csv", bytes), ("t.csv.gz", partial(gzip.compress, compresslevel=1))])
def test_content_of_the_right_length_that_is_not_ours_is_named(tmp_path, name, packed):
    sources = table_source(Mirror("https://x/t"))
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / name).write_bytes(packed(TABLE))
    assert locate("set", tmp_path, sources=sources) == tmp_path
    (tmp_path / "set" / name).write_bytes(packed(TABLE[::-1]))
    with pytest.raises(DamagedData, match=rf"set/{name}: not the expected content"):
        locate("set", tmp_path, sources=sources)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UsageError, match="known: mnist, qmnist, unipen, uci, images, all"):
        locate("mnits")
