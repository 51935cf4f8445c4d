"""Settings come from the flag, then the environment, then the file, then the system."""

from pathlib import Path

import pytest

from calame.config import read_settings
from calame.errors import UsageError


def test_environment_over_file_over_system(tmp_path):
    (tmp_path / "config.toml").write_text('data = "/from/file"\nlanguage = "fr"\n')
    env = {"CALAME_HOME": str(tmp_path), "LANG": "en_GB.UTF-8"}
    settings = read_settings(env)
    assert (settings.data, settings.language) == (Path("/from/file"), "fr")
    settings = read_settings(env | {"CALAME_DATA": "/from/env", "CALAME_LANG": "en"})
    assert (settings.data, settings.language) == (Path("/from/env"), "en")
    assert read_settings(env, language="en").language == "en"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({"LANG": "fr_FR.UTF-8"}, "fr"), ({"LC_ALL": "C", "LANG": "fr_FR"}, "en"), ({"LANG": "de_DE"}, "en"), ({}, "en")],
)
def test_language_of_the_system(tmp_path, variables, expected):
    assert read_settings({"CALAME_HOME": str(tmp_path)} | variables).language == expected


def test_places_follow_home_and_colour_follows_no_color(tmp_path):
    settings = read_settings({"CALAME_HOME": str(tmp_path), "NO_COLOR": "1"})
    assert settings.cache == tmp_path / "data"
    assert settings.models == tmp_path / "models"
    assert not settings.colour


def test_what_opens_doors_is_read_and_never_shown(tmp_path):
    (tmp_path / "config.toml").write_text('limits = "redis://:secret@file"\n')
    env = {"CALAME_HOME": str(tmp_path), "NGROK_AUTHTOKEN": "secret", "CALAME_DATABASE_URL": "x://u:secret@host/db"}
    settings = read_settings(env)
    assert (settings.limits, settings.link) == ("redis://:secret@file", "secret")
    assert read_settings(env | {"CALAME_REDIS_URL": "redis://:secret@env"}).limits == "redis://:secret@env"
    assert "secret" not in repr(settings)


def test_an_unknown_language_and_a_broken_file_are_named(tmp_path):
    env = {"CALAME_HOME": str(tmp_path)}
    with pytest.raises(UsageError, match="de: no language of Calame; choose en or fr"):
        read_settings(env, language="de")
    (tmp_path / "config.toml").write_text("data = ")
    with pytest.raises(UsageError, match=r"config\.toml"):
        read_settings(env)
