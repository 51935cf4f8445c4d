"""Named fields of a form: added, named, moved and removed, by keyboard too; each read alone, under its picture."""

import csv
import io
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from made_codes import OF_PICTURE, bring, ones, read_as

pytestmark = pytest.mark.browser
RIGHT, LEFT = (50, 0, 40, 100), (0, 0, 30, 100)  # of four strokes two, and one
PICTURE = {"mimeType": "image/png", "buffer": ones(4)}


def asked(url):
    """The place and the checks that a request names."""
    query = parse_qs(urlsplit(url).query)
    return query.get("region", [""])[0], tuple(query.get("check", ()))


def listen(page):
    """The places and checks that are asked for from now on; what is read with its steps is for the panels alone."""
    told = []
    page.on("request", lambda one: "/v1/codes?" in one.url and "trace" not in one.url and told.append(asked(one.url)))
    return told


def type_place(page, sides):
    for box, side in zip(page.get_by_role("spinbutton").all(), sides, strict=True):
        box.fill(str(side))


def add(page, name, sides):
    page.get_by_role("button", name="Add another field").click()
    page.get_by_role("textbox", name="Name of the field").fill(name)
    type_place(page, sides)
    page.get_by_role("button", name="Read this place").click()


def rename(page, before, name):
    page.get_by_role("button", name=f"Change {before}", exact=True).click()
    page.get_by_role("textbox", name="Name of the field").fill(name)
    page.get_by_role("button", name="Read this place").click()


def saved(page):
    with page.expect_download() as download:
        page.locator(".code-table-head button").first.click()
    return download.value.path().read_bytes()


def table(page, **how):
    """The table of the page, head and all."""
    return list(csv.reader(io.StringIO(saved(page).decode("utf-8-sig")), **how))


@pytest.fixture
def one(codes, expect):
    """Open the page with a picture of four strokes of which one place is read."""

    def open_one(**settings):
        page = codes(**settings)
        bring(page, 4)
        expect(page.locator(".code-box")).to_have_value("1111")
        page.locator("code-region .button").first.click()
        type_place(page, RIGHT)
        page.keyboard.press("Enter")
        expect(page.locator(".code-box")).to_have_value("11")
        return page

    return open_one


@pytest.fixture
def form(one, expect):
    """The same with two fields, client and total."""

    def open_form(**settings):
        page = one(**settings)
        add(page, "total", LEFT)
        expect(page.locator(".code-box")).to_have_count(2)
        expect(page.locator(".code-box").nth(1)).to_have_value("1")
        rename(page, "Field 1", "client")
        return page

    return open_form


@pytest.fixture
def answered(codes, expect):
    """Open the page with two fields on two pictures, of which the service tells what is given for a place, or else 11.

    The list that comes with the page gets what is asked for of both pictures: what is read for the pile.
    """

    def open_form(told):
        page, pile = codes(), []

        def fulfil(route):
            count = (route.request.post_data_buffer or b"").count(b'name="image"')
            values = {**told.get(asked(route.request.url)[0], read_as("11")), **OF_PICTURE}
            if count == 2:
                pile.append(asked(route.request.url))
            route.fulfill(json=values if count == 1 else {"readings": [values] * count})

        page.route("**/v1/codes?*", fulfil)
        page.locator("code-region .button").first.click()
        type_place(page, RIGHT)
        page.keyboard.press("Enter")
        add(page, "total", LEFT)
        page.set_input_files("#code-files", [{"name": f"{name}.png", **PICTURE} for name in "ab"])
        expect(page.locator(".code-table .code-badge")).to_have_count(4)
        assert pile == [("50,0,40,100", ()), ("0,0,30,100", ())]
        pile.clear()
        return page, pile

    return open_form


def test_one_place_without_a_name_is_as_it_was(one, expect):
    page = one()
    expect(page.locator("code-region button:visible")).to_have_text(
        ["Another place…", "The whole picture", "Add another field"]
    )
    expect(page.locator(".code-page, .region-fields:visible, .region-command:visible")).to_have_count(0)
    assert "Field" not in table(page)[0]
    page.get_by_role("button", name="Another place").click()
    expect(page.get_by_role("textbox", name="Name of the field")).to_be_hidden()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="The whole picture").click()
    expect(page.get_by_role("button", name="Add another field")).to_be_hidden()


def test_each_field_is_read_and_stands_under_its_picture_by_its_name(form, expect):
    page = form()
    told = listen(page)
    bring(page, 4)
    boxes = page.locator(".code-box")
    expect(page.locator(".code-page-name")).to_have_text(["4.png", "4.png"])
    expect(page.locator(".code-field .cell-file")).to_have_text(["client", "total"] * 2)
    for place, text in enumerate(("11", "1") * 2):
        expect(boxes.nth(place)).to_have_value(text)
    assert set(told) == {("0,0,30,100", ()), ("50,0,40,100", ())}
    expect(page.locator("code-table [role=status]")).to_contain_text("Pictures done: 2 of 2 · accepted: 4")
    head, *rows = table(page)
    assert head[:3] == ["File", "Field", "Code"]
    assert [row[:3] for row in rows[:2]] == [["4.png", "client", "11"], ["4.png", "total", "1"]]
    assert [row[-2] for row in rows[:2]] == [
        "model=digits@1 region=client:50,0,40,100", "model=digits@1 region=total:0,0,30,100"
    ]  # fmt: skip
    boxes.nth(1).focus()  # another field of a picture is another answer, of the same pixels
    expect(page.locator(".code-of")).to_have_text("total")
    expect(page.locator(".code-text")).to_have_text("1")
    expect(page.locator(".code-table tr.shown .cell-file")).to_have_text("total")
    page.get_by_role("button", name="Remove 4.png").first.click()
    expect(boxes).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(boxes).to_have_count(4)


def test_fields_are_kept_by_keyboard_alone(one, expect):
    page = one(locale="fr-FR")
    page.get_by_role("button", name="Ajouter un champ").press("Enter")
    expect(page.get_by_role("textbox", name="Nom du champ")).to_be_focused()
    for name, words in (("", "Donnez un nom"), ("2e", "Donnez un nom"), ("champ 1", "s’appelle déjà")):
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.type(name) if name else page.keyboard.press("Delete")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
        expect(page.get_by_role("textbox", name="Nom du champ")).to_be_focused()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(" total ")
    for side in map(str, LEFT):
        page.keyboard.press("Tab")
        page.keyboard.type(side)
    page.keyboard.press("Tab")
    page.keyboard.type("Lon")  # a fixed length
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("dialog .check-what")).to_be_focused()  # a check that lacks something is not passed by
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Ajouter un champ")).to_be_focused()
    expect(page.locator(".region-fields li")).to_have_text(
        ["Champ 150,0,40,100Modifier…", "total0,0,30,100length(2)Modifier…"]
    )
    expect(page.locator(".code-box").nth(1)).to_have_attribute("aria-label", "total de 4.png")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Champ retiré\u00a0: total.")).to_be_visible()
    expect(page.locator(".region-now")).to_have_text("50,0,40,100")  # one alone has no name that nobody gave it
    expect(page.get_by_role("button", name="Une autre zone")).to_be_focused()
    page.get_by_role("button", name="Annuler").press("Enter")
    expect(page.get_by_role("button", name="Modifier total")).to_be_focused()
    expect(page.locator(".code-field .cell-file")).to_have_text(["Champ 1", "total"])


def test_a_box_is_drawn_amid_the_others_with_their_names(form, expect):
    page = form()
    page.get_by_role("button", name="Change total").click()
    expect(page.locator(".region-other .region-name")).to_have_text(["client"])
    expect(page.locator(".region-mark .region-name")).to_have_text("total")
    box = page.locator(".region-paper").bounding_box()
    page.mouse.move(box["x"] + 1, box["y"] + 3)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.48 * box["width"], box["y"] + box["height"] - 3, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Read this place").click()
    expect(page.locator(".code-box").nth(1)).to_have_value("11")


def test_only_what_changed_is_read_again_and_what_was_typed_stays(answered, expect):
    doubt, another = read_as("22", "check", 0.7), read_as("33", "check", 0.8)
    page, again = answered({"0,0,30,100": doubt, "0,0,20,100": another})
    boxes = page.locator(".code-box")
    boxes.nth(1).fill("27")
    boxes.nth(1).press("Enter")
    expect(boxes.nth(2)).to_be_focused()
    rename(page, "total", "sum")
    expect(page.locator(".code-field .cell-file")).to_have_text(["Field 1", "sum"] * 2)
    page.get_by_role("button", name="Change sum").click()
    type_place(page, (0, 0, 20, 100))
    page.get_by_role("button", name="Read this place").click()
    expect(boxes.nth(3)).to_have_attribute("placeholder", "33")
    assert again == [("0,0,20,100", ())]
    expect(boxes.nth(1)).to_have_value("27")
    page.get_by_role("button", name="Remove the field sum").click()
    expect(boxes).to_have_count(2)
    page.locator(".region-gone button").click()
    expect(boxes.nth(1)).to_have_value("27")
    page.get_by_role("button", name="Remove the field Field 1").click()
    expect(page.locator(".region-fields b")).to_have_text(["sum"])  # a person named it
    expect(page.locator(".code-field .code-box").first).to_have_value("27")
    page.get_by_role("button", name="Remove the field sum").click()
    expect(page.locator(".region-now")).to_have_text("the whole picture")


def test_a_check_is_of_its_field_alone(answered, expect):
    page, again = answered({"0,0,30,100": read_as("22")})
    page.get_by_role("button", name="Change total").click()
    page.select_option("dialog .check-kind", "length")
    page.fill("dialog .check-what", "3, 6")
    page.get_by_role("button", name="Read this place").click()
    expect(page.locator(".region-checks")).to_have_text(["", "length(3, 6)"])
    page.wait_for_load_state("networkidle")
    assert again == [("0,0,30,100", ("length(3, 6)",))]
    page.locator(".code-box").first.fill("7")
    page.locator(".code-box").nth(1).fill("7")
    expect(page.locator(".cell-state").nth(1)).to_contain_text("Does not fit: length(3, 6)")
    expect(page.locator(".cell-state").first).not_to_contain_text("Does not fit")
    expect(page.locator("code-checks > check-rows")).to_be_hidden()
    page.get_by_role("button", name="Remove the field Field 1").click()
    page.get_by_role("button", name="Remove the field total").click()
    expect(page.locator("code-checks > check-rows .check-what")).to_have_value("3, 6")  # that of the one that is left


def test_the_same_is_copied_as_options_of_a_command(form):
    page = form(permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Change client").click()
    page.select_option("dialog .check-kind", "siren")
    page.get_by_role("button", name="Read this place").click()
    page.get_by_role("button", name="Change total").click()
    page.select_option("dialog .check-kind", "regex")
    page.fill("dialog .check-what", "1$")
    page.get_by_role("button", name="Read this place").click()
    page.get_by_role("button", name="Copy these options").click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == (
        '--region "client=50,0,40,100" --region "total=0,0,30,100" --check client:siren --check \'total:regex(1$)\''
    )


def test_a_name_is_as_it_stands_on_the_form(form, expect):
    page = form()
    rename(page, "total", "N° d'envoi (1)")
    expect(page.get_by_role("alert").filter(has_text="Give the field a name")).to_be_visible()
    page.get_by_role("textbox", name="Name of the field").fill("N° d'envoi réf. l’a")
    page.get_by_role("button", name="Read this place").click()
    expect(page.locator(".code-field .cell-file")).to_have_text(["client", "N° d'envoi réf. l’a"])
    assert table(page)[2][1] == "N° d'envoi réf. l’a"


def test_fields_hold_one_number_each_and_several_are_not_looked_for(one, expect):
    page = one()
    switch = page.locator("code-checks .switch")
    switch.check()
    add(page, "total", LEFT)
    expect(switch).to_be_hidden()
    expect(page.locator(".code-field")).to_have_count(2)
    page.get_by_role("button", name="Remove the field total").click()
    expect(switch).not_to_be_checked()


def test_each_page_of_a_document_has_all_fields(form, expect):
    page, pages = form(), io.BytesIO()
    sheet = Image.open(io.BytesIO(ones(4)))
    sheet.save(pages, "tiff", save_all=True, append_images=[sheet])
    page.set_input_files("#code-files", [{"name": "pile.tiff", "mimeType": "image/tiff", "buffer": pages.getvalue()}])
    expect(page.locator(".code-page-name")).to_have_text(["4.png", "pile.tiff · p. 1", "pile.tiff · p. 2"])
    for place, text in enumerate(("11", "1") * 3):
        expect(page.locator(".code-box").nth(place)).to_have_value(text)


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_fields_are_exported_without_the_service_as_with_it(form, speak_french, locale):
    page = form(forgiven="Failed to load resource")
    if locale == "fr-FR":
        speak_french(page)
        page.locator("html[lang=fr]").wait_for()
    with_it = saved(page)
    assert ("Champ" if locale == "fr-FR" else "Field") in with_it.decode().splitlines()[0]
    page.route("**/v1/codes/sheet.*", lambda route: route.abort())
    assert saved(page) == with_it


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_axe_finds_nothing_and_all_is_in_the_window(form, expect, violations, width, scheme):
    page = form(bypass_csp=True, reduced_motion="reduce", color_scheme=scheme, viewport={"width": width, "height": 800})
    expect(page.locator(".code-table .code-badge")).to_have_count(2)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Change total").click()
    expect(page.locator(".region-other")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
