"""The shelf: models by name, the one in production, and the way back."""

import pytest

from calame.artifact import Manifest, write
from calame.errors import DamagedModel, MissingModel, NoModelFolder, NotImported, NotShipped, UsageError
from calame.shelf import ALIASES, Shelf


def put(root, name, version, *, shipped=False):
    manifest = Manifest(name, version, "course", 1, "centre=mass")
    return write(root / name if shipped else root / name / version, manifest, {"model.onnx": version.encode()})


@pytest.fixture
def shelf(tmp_path):
    put(tmp_path / "shipped", "digits", "2", shipped=True)
    for version in ("9", "10", "2"):
        put(tmp_path / "home", "mine", version)
    return Shelf(tmp_path / "home", tmp_path / "shipped")


def names(models):
    return [str(model.manifest) for model in models]


def test_the_users_models_come_first_in_the_order_of_their_versions(shelf):
    assert names(shelf.list()) == ["mine@2", "mine@9", "mine@10", "digits@2"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("mine", "mine@10"),
        ("mine@9", "mine@9"),
        ("digits", "digits@2"),
        ("digits@2", "digits@2"),
        (None, "digits@2"),
    ],
)
def test_models_are_found_by_name(shelf, wanted, found):
    assert str(shelf.find(wanted).manifest) == found


def test_a_damaged_version_hides_no_other(shelf, tmp_path):
    (tmp_path / "home" / "mine" / "10" / "manifest.json").write_text("{")
    (tmp_path / "home" / "mine" / "9").rename(tmp_path / "home" / "mine" / "later")  # its manifest alone says 9
    assert str(shelf.find("mine@9").manifest) == "mine@9"
    assert str(shelf.find("mine@2").manifest) == "mine@2"
    for wanted in ("mine@10", "mine@11"):  # it may be the damaged one
        with pytest.raises(DamagedModel, match=r"mine.10"):
            shelf.find(wanted)


def test_a_path_wins_over_a_name(shelf, tmp_path, monkeypatch):
    put(tmp_path / "here", "mine", "0", shipped=True)
    monkeypatch.chdir(tmp_path / "here")
    assert str(shelf.find("mine").manifest) == "mine@0"
    assert shelf.find(tmp_path / "here" / "mine").manifest.version == "0"


@pytest.mark.parametrize("wanted", ["absent", "mine@11", "../shipped/absent", "mine@../9", ""])
def test_what_is_not_there_is_named_with_what_is(shelf, wanted):
    with pytest.raises(MissingModel, match="mine@2, mine@9, mine@10, digits@2"):
        shelf.find(wanted)


@pytest.mark.parametrize(
    ("wanted", "kind", "said"),
    [
        ("runs/course/model", NoModelFolder, "no model folder there"),
        ("course.keras", NotImported, "calame models import course.keras"),
        ("runs/best.h5", NotImported, "calame models import runs/best.h5"),
    ],
)
def test_what_looks_like_a_path_gets_the_advice_for_paths(shelf, wanted, kind, said):
    with pytest.raises(kind, match=said):
        shelf.find(wanted)
    with pytest.raises(NotShipped, match="give the path of its folder"):
        Shelf(None, shelf.shipped).find("mine")


def test_without_a_home_there_are_the_shipped_models_and_no_choice(shelf):
    bare = Shelf(None, shelf.shipped)
    assert names(bare.list()) == ["digits@2"]
    assert bare.find().manifest.name == "digits"
    with pytest.raises(UsageError, match="no folder"):
        bare.use("digits")


def test_choices_can_be_taken_back_one_by_one(shelf):
    assert shelf.production() is None
    for wanted in ("mine@9", "mine", "mine"):
        shelf.use(wanted)
    assert shelf.history() == ("mine@9", "mine@10")
    assert str(shelf.find().manifest) == str(shelf.find("production").manifest) == "mine@10"
    assert str(shelf.rollback().manifest) == "mine@9"
    assert str(shelf.rollback().manifest) == "digits@2"
    with pytest.raises(UsageError, match="nothing to take back"):
        shelf.rollback()
    assert [path.name for path in shelf.home.iterdir() if path.is_file()] == [ALIASES]


def test_a_model_off_the_shelf_stays_in_production_by_its_path(shelf, tmp_path, monkeypatch):
    put(tmp_path / "runs", "fresh", "1", shipped=True)
    monkeypatch.chdir(tmp_path)
    shelf.use("runs/fresh")
    monkeypatch.chdir(tmp_path / "home")
    assert str(shelf.find().manifest) == "fresh@1"
    assert names(shelf.list())[0] == "fresh@1"
    (tmp_path / "runs" / "fresh" / "model.onnx").write_bytes(b"cut short")
    assert "fresh@1" not in names(shelf.list())
    assert ["fresh" in str(error) for error in shelf.damaged()] == [True]


def test_a_choice_that_was_deleted_is_said_and_rollback_leads_out(shelf):
    shelf.use("mine@2")
    shelf.use("mine@9")
    shelf.use("mine@10")
    for version in ("9", "10"):
        (shelf.home / "mine" / version / "manifest.json").unlink()
    with pytest.raises(MissingModel, match=r"mine.10"):
        shelf.find()
    with pytest.raises(MissingModel, match="mine@9"):
        shelf.rollback()
    assert str(shelf.rollback().manifest) == "mine@2"


def test_a_damaged_model_is_left_out_of_the_list_but_not_hidden(shelf):
    (shelf.home / "mine" / "10" / "model.onnx").write_bytes(b"cut short")
    assert "mine@10" not in names(shelf.list())
    assert ["model.onnx" in str(error) for error in shelf.damaged()] == [True]
    with pytest.raises(DamagedModel, match=r"model\.onnx"):
        shelf.find("mine")  # never the older version in silence
    with pytest.raises(DamagedModel, match=r"model\.onnx"):
        shelf.use("mine@10")
    assert shelf.production() is None


@pytest.mark.parametrize("text", ["", "{}", '{"production": "mine"}', '{"production": [1]}', "[]"])
def test_an_alias_file_that_is_not_ours_is_named(shelf, text):
    (shelf.home / ALIASES).write_text(text)
    with pytest.raises(DamagedModel, match=ALIASES):
        shelf.find()


def test_each_model_of_a_name_gets_a_place_of_its_own(shelf):
    assert shelf.place("other") == shelf.home / "other" / "1"
    assert shelf.place("mine") == shelf.home / "mine" / "11"  # 1 is free, and would not be the last
    with pytest.raises(UsageError, match="not a plain name"):
        shelf.place("../mine")


def test_a_model_is_removed_and_no_other(shelf):
    before = shelf.state()
    shelf.remove("mine", "9")
    assert names(shelf.list()) == ["mine@2", "mine@10", "digits@2"]
    assert shelf.state() != before
    shelf.remove("mine", "9")  # it is gone already
    for version in ("2", "10"):
        shelf.remove("mine", version)
    assert not (shelf.home / "mine").exists()
    for name, version in (("..", "shipped"), ("mine", "../../shipped"), ("", "")):
        with pytest.raises(UsageError):
            shelf.remove(name, version)
    with pytest.raises(UsageError):
        Shelf(None).remove("digits", "2")


def test_the_state_changes_with_the_models_alone(shelf):
    assert shelf.state() == shelf.state()
    before = shelf.state()
    put(shelf.home, "mine", "11")
    assert shelf.state() != before
    assert Shelf(None).state() == Shelf(shelf.home / "nowhere").state() == frozenset()
