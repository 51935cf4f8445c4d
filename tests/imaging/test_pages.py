"""Pages of PDF and TIFF: counted, named, drawn; and whatever is wrong with a document, the next one is read."""

import io
import struct
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from calame import errors
from calame.imaging import pdf, pdf_child
from calame.imaging.codec import Limits, count_pages, decode
from calame.imaging.pages import file_and_page, short_name, tiff_frames

A4 = (1654, 2339)  # pixels, at 200 dots per inch


def sheet(shade=0, size=A4, mode="L"):
    """White paper with a mark in its upper left quarter."""
    paper = Image.new(mode, size, "white")
    paper.paste(shade, (size[0] // 8, size[1] // 8, size[0] // 4, size[1] // 4))
    return paper


def saved(pages, kind, **options):
    stream = io.BytesIO()
    pages[0].save(stream, kind, save_all=True, append_images=pages[1:], **options)
    return stream.getvalue()


def made(objects, trailer=b""):
    """A PDF of these objects, the first of them its catalogue."""
    body, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, trailer, len(body))
    return body + table + end


def stream(content, words=b""):
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (words, len(content), content)


def one_page(content, *more, box=b"0 0 200 100", page=b"", catalogue=b"", trailer=b""):
    """A PDF of one page; what follows it begins with object 5."""
    words = b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R%s>>" % (box, page)
    catalogue = b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue
    return made([catalogue, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", words, stream(content), *more], trailer)


PDF = saved([sheet(), sheet("blue", mode="RGB"), sheet(shade=90)], "PDF", resolution=200)
TIFF = saved([sheet(), sheet("blue", mode="RGB"), sheet(shade=90)], "TIFF")
FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 200 100]"
CALLING = (stream(b"/F Do " * 10, FORM + b"/Resources<</XObject<</F %d 0 R>>>>" % (6 + depth)) for depth in range(11))
HOSTILE = {
    "forms that call each other, a billion times": one_page(
        b"/F Do", *CALLING, stream(b"0 0 1 1 re f", FORM), page=b"/Resources<</XObject<</F 5 0 R>>>>"
    ),
    "a pattern laid a hundred million times": one_page(
        b"/Pattern cs /P scn 0 0 200 100 re f",
        stream(b"0 0 1 1 re f", b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep .01/YStep .01"),
        page=b"/Resources<</Pattern<</P 5 0 R>>>>",
    ),
}


@pytest.mark.parametrize("content", [PDF, TIFF], ids=["PDF", "TIFF"])
def test_each_page_is_a_picture_that_knows_its_place(content):
    for page, shade in ((1, (0, 0, 0)), (2, (0, 0, 255)), (3, (90, 90, 90))):
        picture = decode(content, page=page)
        assert (picture.page, picture.pages) == (page, 3)
        assert picture.pixels.ndim == (3 if page == 2 else 2)
        assert abs(picture.pixels.shape[0] - A4[1]) <= 1
        mark = picture.pixels[A4[1] * 3 // 16, A4[0] * 3 // 16]
        assert np.abs(mark.astype(int) - (shade if page == 2 else shade[0])).max() <= 2
        assert picture.pixels[-20:].min() == 255


@pytest.mark.parametrize("content", [PDF, TIFF, saved([sheet()], "PNG")], ids=["PDF", "TIFF", "PNG"])
@pytest.mark.parametrize("page", [0, 4])
def test_a_page_that_is_not_there_is_told_with_how_many_there_are(content, page):
    with pytest.raises(errors.NoSuchPage, match=rf"page {page} is asked for, and there are [13]") as caught:
        decode(content, page=page)
    assert "il y en a" in caught.value.message("fr")


def test_a_path_names_a_page_unless_a_file_is_called_so(tmp_path):
    (tmp_path / "a.pdf").write_bytes(PDF)
    name = f"{tmp_path / 'a.pdf'}#page=2"
    assert decode(name).page == 2
    assert decode(name).name == name
    assert decode(tmp_path / "a.pdf").page == 1
    with pytest.raises(errors.NoSuchPage, match=r"a\.pdf#page=7: page 7"):
        decode(f"{tmp_path / 'a.pdf'}#page=7")
    with pytest.raises(errors.PictureNotFound, match=r"b\.pdf#page=2"):
        decode(tmp_path / "b.pdf#page=2")
    (tmp_path / "a.pdf#page=2").write_bytes(saved([sheet(size=(30, 20))], "PNG"))
    assert decode(name).pixels.shape == (20, 30)
    assert file_and_page(name) == (name, 1)
    assert short_name(name) == "a"
    assert short_name(f"{tmp_path / 'a.pdf'}#page=3") == "a-p3"


def test_pages_are_counted(tmp_path):
    for name, content, count in (("a.pdf", PDF, 3), ("b.tif", TIFF, 3), ("c", PDF, 3), ("d.pdf", PDF[:4000], 1)):
        (tmp_path / name).write_bytes(content)
        assert count_pages(str(tmp_path / name)) == count, name
    for name in (".", "none.pdf"):
        assert count_pages(str(tmp_path / name)) == 1


@pytest.mark.parametrize("options", [{}, {"big_tiff": True}], ids=["classic", "big"])
def test_smaller_copies_and_masks_are_no_pages(options):
    frames = [sheet(size=(40, 30)) for _ in range(3)]
    for frame, kind in zip(frames, (0, 1, 2), strict=True):
        frame.encoderinfo = {"tiffinfo": {254: kind}, **options}
    content = saved(frames, "TIFF", tiffinfo={254: 0}, **options)
    assert tiff_frames(io.BytesIO(content)) == [0, 2]
    assert decode(content, page=2).pages == 2


def test_directories_that_go_round_or_nowhere_end():
    ring = b"II*\0" + struct.pack("<IHI", 8, 0, 8)
    assert tiff_frames(io.BytesIO(ring)) == [0]
    away = b"II*\0" + struct.pack("<IHI", 8, 0, 2**31)
    assert tiff_frames(io.BytesIO(away)) == [0, 1]
    far = b"MM\0+" + struct.pack(">HHQQ", 8, 0, 16, 2**63)
    assert tiff_frames(io.BytesIO(far)) == [0]
    with pytest.raises(errors.DamagedPicture):
        decode(away, page=2)


def test_a_page_that_is_turned_is_upright():
    turned = decode(one_page(b"0 0 50 50 re f", page=b"/Rotate 90")).pixels  # drawn at the lower left
    assert turned.shape == (555, 277)
    assert turned[:130, :130].max() == 0  # clockwise: now at the upper left
    assert turned[145:, 145:].min() == 255


def test_what_is_filled_in_and_remarked_is_seen():
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(7)/Rect[0 0 50 50]/AP<</N 6 0 R>>>>"
    mark = b"<</Type/Annot/Subtype/Square/Rect[100 0 150 50]/AP<</N 6 0 R>>>>"
    look = stream(b"0 0 50 50 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 50 50]")
    page, catalogue = b"/Annots[5 0 R 7 0 R]", b"/AcroForm<</Fields[5 0 R]>>"
    pixels = decode(one_page(b"", field, look, mark, page=page, catalogue=catalogue)).pixels
    assert pixels[200, 70].max() < 255
    assert pixels[200, 345].max() == 0
    assert pixels[:130].min() == 255


def test_a_page_of_ten_metres_is_drawn_smaller_and_one_without_area_refused():
    assert decode(one_page(b"", box=b"0 0 28346 28346"), limits=Limits(pixels=1_000_000)).pixels.shape == (1000, 1000)
    assert pdf_child.size(842, 1191, 25_000_000) == (2338, 3308)  # A3, as it is
    with pytest.raises(errors.EmptyPicture):
        decode(one_page(b"", box=b"0 0 .1 100"))
    with pytest.raises(errors.EmptyPicture):
        decode(made([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]))


def test_a_password_and_damage_are_told():
    lock = b"<</Filter/Standard/V 1/R 2/P -4/O(%s)/U(%s)>>" % (b"o" * 32, b"u" * 32)
    locked = one_page(b"", lock, trailer=b"/Encrypt 5 0 R/ID[(a)(a)]")
    with pytest.raises(errors.LockedDocument, match="password") as caught:
        decode(locked)
    assert "mot de passe" in caught.value.message("fr")
    for cut in (PDF[:2000], b"%PDF-1.7"):
        with pytest.raises(errors.DamagedPicture, match="PDF"):
            decode(cut)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_page_is_left_when_its_time_is_up_and_the_next_is_drawn(kind, monkeypatch):
    monkeypatch.setattr(pdf, "SECONDS", 0.5)
    with pytest.raises(errors.SlowPage, match="not drawn after"):
        decode(HOSTILE[kind])
    monkeypatch.undo()
    assert decode(PDF, page=3).page == 3


def test_a_drawer_that_falls_over_is_damage_and_another_is_started():
    decode(PDF)
    (process,) = pdf._processes.values()
    timer = threading.Timer(0.3, process.kill)
    timer.start()
    with pytest.raises(errors.DamagedPicture):
        decode(HOSTILE["a pattern laid a hundred million times"])
    assert decode(PDF).pages == 3


def test_threads_draw_in_turn():
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda page: decode(PDF, page=page), [1, 2, 3] * 4))
    assert [one.page for one in drawn] == [1, 2, 3] * 4
    assert len(pdf._processes) == 1


def test_a_pdfium_that_does_not_start_is_told_of_the_file_with_the_way_out(monkeypatch, tmp_path):
    (tmp_path / "broken.py").write_text("raise SystemExit(1)")
    document = saved([sheet(size=(200, 200))], "PDF")
    pdf._end()
    monkeypatch.setattr(pdf_child, "__file__", str(tmp_path / "broken.py"))
    with pytest.raises(errors.InputError, match="calame doctor"):
        decode(document)
    monkeypatch.undo()
    assert decode(document).pages == 1
