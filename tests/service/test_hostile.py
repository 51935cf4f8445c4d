"""What is sent to break it: bombs, scraps, lies about the type; each gets its problem, and the service goes on."""

import base64
import encodings
import io
import json
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

ROUTE = "/v1/digits"
FORM = "multipart/form-data; boundary=b"


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that declares `side` pixels each way."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 10**6, 9))


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 200), np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "empty_picture"),
        (b"hello", 415, "foreign_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "foreign_picture"),
        (b"\x89PNG\r\n\x1a\n", 422, "damaged_picture"),
        (jpeg()[:300], 422, "damaged_picture"),
        (bomb(60_000), 413, "picture_too_large"),
        (bomb(4_000), 422, "damaged_picture"),
        (b"PK\x03\x04" + bytes(100), 415, "foreign_picture"),
    ],
)
def test_a_file_that_is_no_good_picture(client, one, content, status, code):
    answer = client.post(ROUTE, files={"image": ("a.png", content, "image/png")})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("picture 1")
    assert client.post(ROUTE, files={"image": one}).json()["digit"] == 1


def saved(picture: np.ndarray, kind: str = "PNG", mode: str | None = None, **how) -> bytes:
    buffer, image = io.BytesIO(), Image.fromarray(picture)
    (image.convert(mode) if mode else image).save(buffer, kind, **how)
    return buffer.getvalue()


def stroke(height: int, width: int) -> np.ndarray:
    picture = np.full((height, width), 255, np.uint8)
    picture[height // 5 : height - height // 5, width // 2 : width // 2 + max(1, width // 12)] = 0
    return picture


PLAIN, TURNED = saved(stroke(90, 90)), b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\3\0\0"  # by EXIF: upside down
TEXT = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**7), 9))  # ten million letters in ten thousand bytes
ODD = {
    **{f"{h}x{w}": saved(stroke(h, w)) for h, w in [(1, 1), (2, 1), (3, 3), (1, 20_000), (20_000, 1), (30, 9_000)]},
    "16 bits": saved(stroke(90, 90).astype(np.uint16) * 257),
    "floats": saved(stroke(90, 90).astype(np.float32) / 255, "TIFF"),
    "not a number": saved(np.full((20, 20), np.nan, np.float32), "TIFF"),
    "one bit": saved(stroke(90, 90), mode="1"),
    "palette": saved(stroke(90, 90), mode="P"),
    "CMYK": saved(np.dstack([stroke(90, 90)] * 3), "JPEG", "CMYK"),
    "transparent": saved(np.dstack([np.zeros((90, 90, 3), np.uint8), 255 - stroke(90, 90)])),
    "nothing at all": saved(np.zeros((50, 50, 4), np.uint8)),
    "animated": saved(stroke(90, 90), "GIF", save_all=True, append_images=[Image.fromarray(stroke(90, 90))] * 3),
    "pages": saved(stroke(90, 90), "TIFF", save_all=True, append_images=[Image.fromarray(stroke(9, 9))]),
    "odd metadata": saved(stroke(90, 90), "JPEG", exif=b"Exif\0\0" + bytes(range(256))),
    "upside down and no more": saved(stroke(90, 90), "JPEG", exif=TURNED),
    "no width": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 9, 8, 0, 0, 0, 0)),
    "a bomb of text": PLAIN[:33] + TEXT + PLAIN[33:],
    "chequered": saved((np.indices((300, 300)).sum(0) % 2 * 255).astype(np.uint8)),
}  # fmt: skip
EVERY = "even,limit,denoise,flatten,polarity,illumination,lines,main,check,stroke,contrast"  # that may be left out


@pytest.mark.parametrize("off", ["", "limit", EVERY])
@pytest.mark.parametrize("name", ODD)
def test_an_odd_picture_is_read_or_refused_and_nothing_breaks(client, name, off):
    answer = client.post(f"{ROUTE}?trace=1&features=1&tta=1&keep=1&off={off}", files={"image": ODD[name]})
    told = answer.json()
    if answer.status_code == 200:
        assert (told["digit"] is None) == (told["rejected"] is not None)
        assert all(step["off"] or step["image"] for step in told["trace"])
    else:
        assert (answer.status_code, told["code"]) in {(422, "damaged_picture"), (422, "empty_picture")}
    if name in ("16 bits", "floats", "one bit", "palette", "CMYK", "transparent", "animated", "pages") and not off:
        assert told["digit"] == 1


@pytest.mark.parametrize("seed", range(30))
def test_bytes_that_flip_break_nothing(client, one, seed):
    random = np.random.default_rng(seed)
    kinds = (one, saved(stroke(60, 60), "JPEG"), saved(stroke(60, 60), "TIFF"), saved(stroke(60, 60), "WebP"))
    damaged = bytearray(kinds[seed % 4])
    for place in random.integers(0, len(damaged), random.integers(1, 12)):
        damaged[place] = random.integers(256)
    answer = client.post(ROUTE + "?trace=1", files={"image": bytes(damaged[: random.integers(20, len(damaged) + 1)])})
    assert answer.status_code in (200, 413, 415, 422)


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"", "application/json", 400, "bad_request"),
        (b"{", "application/json", 400, "bad_request"),
        (b"[" * 100_000, "application/json", 400, "bad_request"),
        (b"\xff\xfe", "application/json", 400, "bad_request"),
        (b"[]", "application/json", 400, "bad_request"),
        (b"{}", "application/json", 400, "no_picture"),
        (b'{"images": []}', "application/json", 400, "no_picture"),
        (b'{"images": "x"}', "application/json", 422, "bad_parameter"),
        (b'{"image": null}', "application/json", 422, "bad_base64"),
        ('{"image": "é"}'.encode(), "application/json", 422, "bad_base64"),
        (b'{"image": ""}', "application/json", 422, "empty_picture"),
        (b'{"image": "data:image/png;base64"}', "application/json", 422, "empty_picture"),
        (b"image=x", "application/x-www-form-urlencoded", 415, "foreign_body"),
        (b"x", "", 415, "foreign_body"),
        (b"x", "multipart/form-data", 400, "bad_request"),
        (b"garbage", FORM, 400, "bad_request"),
        (b"garbage", 'multipart/form-data; boundary=""', 400, "bad_request"),
        (b'{"image": [' + b"0," * 10_000 + b"0]}", "application/json", 400, "bad_request"),
        (b'{"images": [' + b"0," * 9_000 + b"0]}", "application/json", 413, "too_many_pictures"),
        (b'--b\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--b--\r\n', FORM, 400, "no_picture"),
    ],
)
def test_a_body_that_is_no_good_request(client, body, kind, status, code):
    answer = client.post(ROUTE, content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("charset", ["undefined", "punycode", "nothing-known"])
def test_a_form_has_no_charset(client, one, charset):
    body = (
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="\xc3\xa9.png"\r\n\r\n' + one + b"\r\n--b--\r\n"
    )
    answer = client.post(ROUTE, content=body, headers={"content-type": f"{FORM}; charset={charset}"})
    assert answer.json()["digit"] == 1
    assert charset.replace("-", "_") not in encodings._cache  # where Python would remember every one


def test_no_picture_is_written_to_a_disk(client, one, monkeypatch):
    def refused(*_, **__):
        raise OSError("read-only")

    monkeypatch.setattr("tempfile.SpooledTemporaryFile.rollover", refused)
    answer = client.post(ROUTE, files={"image": one + bytes(2_000_000)})
    assert answer.json()["digit"] == 1


@pytest.mark.parametrize("gap", [" ", "\r\n", "\t\f\v"])
def test_base64_may_come_in_lines(client, one, gap):
    written = base64.b64encode(one).decode().rstrip("=")
    assert (
        client.post(ROUTE, json={"image": gap.join(written[at : at + 76] for at in range(0, len(written), 76))}).json()[
            "digit"
        ]
        == 1
    )


def test_what_is_no_form_is_said_in_the_language(client):
    answer = client.post(ROUTE, content=b"x", headers={"content-type": "multipart/form-data", "accept-language": "fr"})
    assert "formulaire en parties" in answer.json()["detail"]


def test_what_is_no_list_is_told_what_the_list_holds_in_the_language(client):
    for language, words in (("en", "a list of pictures, each the base64"), ("fr", "une liste d’images, chacune")):
        told = client.post(f"{ROUTE}?lang={language}", json={"images": "A" * 999}).json()["detail"]
        assert words in told
        assert told.startswith("images is 'AAAA" if language == "en" else "images vaut 'AAAA")
        assert len(told) < 250
    for rows in (3, [3]):
        told = client.post("/v1/codes/sheet.csv", json={"rows": rows}).json()["detail"]
        assert '{"state": "accepted"' in told


def test_more_pictures_than_allowed(serving, one):
    client = serving(pictures=2)
    files = [("image", ("a.png", one))] * 3
    listed = {"images": [base64.b64encode(one).decode()] * 3}
    for answer in (client.post(ROUTE, files=files), client.post(ROUTE, json=listed)):
        assert (answer.status_code, answer.json()["code"]) == (413, "too_many_pictures")


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_larger_than_allowed(serving, announced):
    client = serving(body=1000)
    body = json.dumps({"image": "A" * 2000}).encode()
    sent = body if announced else iter([body[:500], body[500:]])
    answer = client.post(ROUTE, content=sent, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert "1000" in answer.json()["detail"]


def test_without_the_step_that_shrinks_a_large_picture_is_still_bounded(client):
    model = client.app.state.service.desk.models.default
    assert "limit(longer=400)" in str(model.recipe(()))
    assert "limit(longer=1600)" in str(model.recipe(("limit", "main")))
    assert "main" not in str(model.recipe(("limit", "main")))
