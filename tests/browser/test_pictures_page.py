"""The page of general pictures: a pile of photos, the five of each, the places that speak, and missing weights."""

import pytest
from PIL import Image

import smallnet
from calame.images.names import french

pytestmark = pytest.mark.browser
PATH = "/#/pictures"


@pytest.fixture(scope="module")
def address(tmp_path_factory, serving):
    """A service with two small networks in the place of MobileNetV2."""
    home = tmp_path_factory.mktemp("pictures")
    smallnet.folder(home / "models" / "mobilenetv2" / "1", name="mobilenetv2", classes=tuple(french()))
    smallnet.folder(home / "models" / "boats" / "1", name="boats", seed=1)
    with serving(home) as served:
        yield served


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for number in range(3):
        Image.fromarray(smallnet.photo(number, 240, 320)).save(folder / f"{number}.png")
    (folder / "9.jpg").write_bytes(b"no photo")
    return sorted(folder.iterdir())


def pile(page, photos, expect):
    page.set_input_files("#photos", photos)
    expect(page.locator(".import-head [role=status] >> visible=true")).to_contain_text(
        f"{len(photos)} of {len(photos)}"
    )


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
def test_a_pile_is_answered_and_a_bad_one_stops_no_other(visit, photos, expect, violations, width, scheme):
    page = visit(PATH, forgiven="415", viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.wait_for_selector("pictures-page h1")
    assert violations(page) == []
    pile(page, photos, expect)
    expect(page.locator(".pics-list .failed")).to_have_count(1)
    expect(page.locator(".import-head [role=status] >> visible=true")).to_contain_text("1 not read")
    tall = "all => all.map(head => head.querySelector('h2').offsetHeight - head.offsetHeight)"
    assert max(page.locator("pictures-page .plate").evaluate_all(tall)) < 0  # a title of two lines left its rule
    expect(page.locator(".pics-bar")).to_have_count(5)
    page.locator(".pics-one >> nth=1").click()
    page.locator(".pics-bar >> nth=2").click()
    expect(page.locator(".pics-map")).to_be_visible()
    expect(page.locator(".pics-bar >> nth=2")).to_have_attribute("aria-pressed", "true")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_the_browser_cannot_show_is_said_in_words(visit, photos, expect):
    page = visit(PATH, forgiven="415")
    page.wait_for_selector("pictures-page h1")
    pile(page, photos[-2:], expect)
    page.click(".failed .pics-one")
    expect(page.locator(".pics-figure")).to_have_text("Your browser cannot show this file.", use_inner_text=True)
    expect(page.locator(".pics-photo")).to_be_hidden()
    page.locator(".pics-one >> nth=0").click()
    expect(page.locator(".pics-photo")).to_be_visible()


def test_everything_can_be_done_by_keyboard(visit, photos, expect):
    page = visit(PATH, forgiven="415")
    page.wait_for_selector("pictures-page h1")
    pile(page, photos, expect)
    page.click(".pics-pile .import-head button")  # the list is cleared, and the focus goes to the button that fills it
    assert page.locator("#photos:focus").evaluate("input => input.offsetWidth") == 1  # not the browser's own beside it
    pile(page, photos, expect)
    page.locator(".pics-one >> nth=2").focus()
    page.keyboard.press("Enter")
    page.locator("pictures-page .switch").focus()
    page.keyboard.press("Space")
    expect(page.locator(".pics-map")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator(".pics-map")).to_be_hidden()


def test_another_network_reads_them_anew(visit, photos, expect):
    page = visit(PATH, forgiven="415")
    page.wait_for_selector("pictures-page h1")
    pile(page, photos[:1], expect)
    with page.expect_request(lambda one: "model=boats%401" in one.url):
        page.select_option(".pics-model select", "boats@1")
    expect(page.locator(".pics-bar")).to_have_count(5)


def test_what_failed_is_told_in_the_language_of_now_and_not_sent_again(visit, photos, expect, speak_french):
    page = visit(PATH, forgiven="415")
    page.wait_for_selector("pictures-page h1")
    pile(page, photos[-1:], expect)
    expect(page.locator(".pics-label")).to_contain_text("Not a picture that Calame reads")
    sent = speak_french(page)
    expect(page.locator(".pics-label")).to_contain_text("Pas une image que Calame lit")
    assert all("/locale/" in url for url in sent)


def test_in_french_classes_are_named_so_and_in_english_when_the_language_changes(visit, photos, expect):
    page = visit(PATH, locale="fr-FR")
    expect(page.locator("pictures-page h1")).to_have_text("Ce que montre une photo")
    page.set_input_files("#photos", photos[:1])
    names = page.locator(".pics-bar-label")
    expect(names).to_have_count(5)
    labels = {name: label for label, name in french().items()}
    english = [labels[name].replace("_", " ") for name in names.all_text_contents()]
    page.locator(".pics-bar >> nth=2").click()
    page.click("#speak-en")
    expect(names).to_have_text(english)
    expect(page.locator(".pics-bar >> nth=2")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".pics-under p")).to_contain_text(english[2])
