"""Records name what made a run, and are written whole or not at all."""

import json

import pytest

from calame.training import record


@pytest.mark.parametrize(
    ("program", "called"), [("bin/calame", "calame"), ("calame/__main__.py", "python -m calame"), ("r.py", "r.py")]
)
def test_environment_names_versions_command_and_source(monkeypatch, program, called):
    monkeypatch.setattr(record.sys, "argv", [f"/somewhere/{program}", "train", "course", "--data", "/home/me/data"])
    facts = record.environment()
    assert facts["command"] == f"{called} train course --data …/data"
    assert "numpy" in facts["versions"]
    assert facts["source"] == record.source_hash()
    json.dumps(facts)


def test_writing_leaves_the_old_file_when_it_fails(tmp_path):
    path = tmp_path / "deep" / "record.json"
    record.write_json(path, {"é": 1})
    assert json.loads(path.read_text(encoding="utf-8")) == {"é": 1}
    with pytest.raises(TypeError):
        record.write_json(path, {"bad": object()})
    assert json.loads(path.read_text(encoding="utf-8")) == {"é": 1}
    assert [entry.name for entry in path.parent.iterdir()] == ["record.json"]
