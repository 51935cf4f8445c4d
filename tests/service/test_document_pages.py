"""`POST /v1/pages`, and documents where pictures are read: which page, of how many, and what is wrong with others."""

import base64
import io

import cv2
import numpy as np
import pytest
from PIL import Image
from test_schemas import wrong

from calame.imaging import pdf
from calame.service.schema_parts import DOCUMENT

ROUTE = "/v1/pages"


def written(count: int, mode: str = "L") -> Image.Image:
    """Paper with strokes side by side, as a hand writes ones: no two alike, so that no two readings are."""
    pixels = np.full((300, 600), 255, np.uint8)
    for place in range(count):
        cv2.line(pixels, (160 + 60 * place, 116 + 2 * place), (158 + 60 * place, 164), 0, 7)
    return Image.fromarray(pixels).convert(mode)


def document(kind: str) -> bytes:
    """Three pages with 3, 4 and 5 strokes; the last one in colour."""
    pages, stream = [written(3), written(4), written(5, "RGB")], io.BytesIO()
    pages[2].paste("red", (0, 0, 50, 50))
    pages[0].save(
        stream, kind, save_all=True, append_images=pages[1:], **({"resolution": 200} if kind == "PDF" else {})
    )
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["PDF", "TIFF"])
def test_a_page_is_a_png_and_says_how_many_there_are(client, kind):
    for page, mode in ((1, "L"), (3, "RGB")):
        answer = client.post(f"{ROUTE}?page={page}", files={"image": (f"a.{kind}", document(kind))})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert answer.headers["x-pages"] == "3"
        shown = Image.open(io.BytesIO(answer.content))
        assert (shown.format, shown.size, shown.mode) == ("PNG", (600, 300), mode)
    text = base64.b64encode(document(kind)).decode()
    assert client.post(ROUTE, json={"image": text}).headers["x-pages"] == "3"


def test_the_example_can_be_sent_as_it_stands(client):
    described = client.get("/openapi.json").json()["paths"][ROUTE]["post"]
    example = described["requestBody"]["content"]["application/json"]["examples"]["one"]["value"]
    assert example == {"image": DOCUMENT}
    answer = client.post(ROUTE, json=example)
    assert list(described["responses"]["200"]["content"]) == [answer.headers["content-type"]]
    assert np.asarray(Image.open(io.BytesIO(answer.content))).min() < 50


@pytest.mark.parametrize(
    ("query", "content", "code", "said"),
    [
        ("?page=4", document("PDF"), "no_such_page", "page 4 is asked for, and there are 3"),
        ("?page=0", document("PDF"), "bad_parameter", "page"),
        ("?page=two", document("PDF"), "bad_parameter", "'two'"),
        ("?pages=2", document("PDF"), "unknown_parameter", "pages"),
        ("?page=2", b"%PDF-1.7 and no more", "damaged_picture", "picture 1"),
        ("?lang=fr", document("TIFF")[:9], "damaged_picture", "image 1"),
        ("", b"no document", "foreign_picture", "PDF"),
    ],
    ids=["fourth", "none", "no number", "unknown", "damaged", "French", "foreign"],  # a PDF has the time in it
)
def test_what_is_wrong_is_a_problem(client, query, content, code, said):
    answer = client.post(ROUTE + query, files={"image": content})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert said in answer.json()["detail"]
    assert client.get(answer.json()["type"]).status_code == 200


def test_a_page_without_end_is_left_in_good_time(client, monkeypatch):
    monkeypatch.setattr(pdf, "SECONDS", 0.3)
    page = b"/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>"
    form = b"<</Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>/Length 60>>stream\n" + b"/F Do " * 10
    hostile = b"%PDF-1.4\n1 0 obj<</Pages 2 0 R>>endobj 2 0 obj<</Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page"
    hostile += page + b">>endobj 4 0 obj<</Length 5>>stream\n/F Do\nendstream endobj "
    for number in range(5, 17):
        hostile += b"%d 0 obj" % number + form % (number + 1) + b"\nendstream endobj "
    answer = client.post(ROUTE, files={"image": hostile + b"trailer<</Root 1 0 R>>"})
    assert (answer.status_code, answer.json()["code"]) == (422, "slow_page")


def test_a_page_is_counted_with_what_is_in_hand(serving):
    client = serving(waiting=1)
    with client.app.state.service.desk.hold(1):
        answer = client.post(ROUTE, files={"image": document("PDF")})
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")


@pytest.mark.parametrize("kind", ["PDF", "TIFF"])
@pytest.mark.parametrize("page", [1, 3])
def test_the_picture_of_a_page_reads_as_the_page_does(client, kind, page):
    scan = document(kind)
    shown = client.post(f"{ROUTE}?page={page}", files={"image": scan}).content
    of_page = client.post(f"/v1/codes?page={page}", files={"image": scan}).json()
    of_picture = client.post("/v1/codes", files={"image": shown}).json()
    told = of_picture.keys() - {"milliseconds"}
    assert {"text", "confidence", "alternatives", "box"} < told
    assert {name: of_picture[name] for name in told} == {name: of_page[name] for name in told}


@pytest.mark.parametrize("kind", ["PDF", "TIFF"])
def test_a_code_is_read_on_the_page_that_is_asked_for(client, kind):
    whole = client.get("/openapi.json").json()
    for page in (1, 3):
        answer = client.post(f"/v1/codes?page={page}", files={"image": document(kind)}).json()
        assert (answer["text"] or answer["guess"]) == "1" * (page + 2)
        assert (answer["page"], answer["pages"]) == (page, 3)
        assert wrong(answer, {"$ref": "#/components/schemas/Code"}, whole) == []
    several = client.post("/v1/codes?page=2", files=[("image", document(kind)), ("image", b"?")]).json()["readings"]
    assert several[0]["page"] == 2
    assert several[1]["error"]["code"] == "foreign_picture"


def test_a_picture_has_one_page_and_says_nothing_of_it(client, one):
    for route in ("/v1/codes", "/v1/digits"):
        assert "pages" not in client.post(route, files={"image": one}).json()
        answer = client.post(f"{route}?page=2", files={"image": one})
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_page")


def test_a_digit_is_read_on_the_page_that_is_asked_for(client):
    stream = io.BytesIO()
    written(5).save(stream, "PDF", save_all=True, append_images=[written(1)])
    answer = client.post("/v1/digits?page=2", files={"image": stream.getvalue()}).json()
    assert (answer["digit"], answer["page"], answer["pages"]) == (1, 2, 2)
