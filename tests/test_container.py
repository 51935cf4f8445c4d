"""The container by rule, for it is built where there is an engine only: Dockerfile, compose.yaml and Caddyfile agree.

What the files name exists: sources, extras, flags, services, ports, addresses, volumes.
"""

import fnmatch
import ipaddress
import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from calame.cli.app import build
from calame.cli.common import Context
from calame.config import Settings
from calame.service.headers import HEADERS

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
CADDYFILE = re.sub(r"(?m)^\s*#.*$", "", (ROOT / "Caddyfile").read_text(encoding="utf-8"))
COMPILERS = {"gcc", "g++", "build-essential", "clang", "make", "cmake"}


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of the Dockerfile, stage by stage: (name, the rest with its lines joined)."""
    text = re.sub(r"(?m)^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8")).replace("\\\n", " ")
    found = [line.split(None, 1) for line in text.splitlines() if line.strip()]
    assert found[0][0] == "FROM"
    cut: list[list[tuple[str, str]]] = []
    for name, rest in found:
        cut += [[]] if name == "FROM" else []
        cut[-1].append((name, " ".join(rest.split())))
    return cut


BUILD, SHIPPED = stages()


def values(stage, name):
    return [rest for instruction, rest in stage if instruction == name]


def only(stage, name):
    (rest,) = values(stage, name)
    return rest


def copied() -> list[str]:
    """What the build takes from the repository."""
    return [source for rest in values(BUILD, "COPY") for source in rest.split()[:-1]]


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path out: the last pattern that fits it, or a folder above it, decides."""
    out = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        above = [path, *map(str, Path(path).parents)]
        if line and line[0] != "#" and any(fnmatch.fnmatch(one, pattern) for one in above):
            out = line[0] != "!"
    return out


def serving(words: list[str]):
    """What `calame serve` makes of its words; a flag that it does not know, or a bad value, is an error."""
    command = get_command(build(Context(Settings(Path(), None, "en", False)))).commands["serve"]
    return command.make_context("serve", words).params


def test_both_stages_stand_on_one_base_of_a_named_version():
    bases = [only(stage, "FROM").split()[0] for stage in (BUILD, SHIPPED)]
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", bases[0])  # the version of Python and of Debian, with their mends
    minor = int(bases[0].split(".")[1].split("-")[0])
    assert minor >= int(PROJECT["project"]["requires-python"].rpartition(".")[2])


def test_what_is_copied_is_there_and_not_ignored():
    assert copied()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert not ignored(source), source
    assert ignored("tests")
    assert ignored(".git/config")
    assert ignored("docs/images")
    assert ignored("src/calame/__pycache__")
    assert not ignored("src/calame/weights/digits/model.onnx")


def test_all_that_the_package_is_made_of_is_copied():
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    parts = [PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]]
    for part in (*parts, *wheel["packages"], *wheel["force-include"], "pyproject.toml"):
        assert any(part == source or part.startswith(f"{source}/") for source in copied()), part


def test_the_install_takes_extras_that_exist_and_needs_no_compiler():
    (run,) = values(BUILD, "RUN")
    words = shlex.split(run)
    extras = re.search(r"\.\[([\w,]+)\]", run)[1].split(",")
    assert set(extras) <= PROJECT["project"]["optional-dependencies"].keys()
    assert words[words.index("--constraint") + 1] in copied()
    assert words[words.index("--only-binary") + 1] == ":all:"
    everything = " ".join(rest for stage in (BUILD, SHIPPED) for _, rest in stage)
    assert not COMPILERS & set(everything.split())
    assert "apt-get" not in everything


def test_nobody_runs_it_as_root():
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", only(SHIPPED, "USER"))  # numbers: an orchestrator sees them as no root
    number = only(SHIPPED, "USER").partition(":")[0]
    assert f"--uid {number} " in only(SHIPPED, "RUN")
    names = [name for name, _ in SHIPPED]
    assert names.index("USER") > max(names.index("RUN"), names.index("COPY"))


def test_the_process_gets_the_signals_and_its_words_are_known():
    words = json.loads(only(SHIPPED, "ENTRYPOINT")) + json.loads(only(SHIPPED, "CMD"))  # JSON: no shell in between
    assert words[0] in PROJECT["project"]["scripts"]
    assert words[1] == "serve"
    given = serving(words[2:])
    assert given["host"] == "0.0.0.0"
    assert str(given["port"]) == only(SHIPPED, "EXPOSE")


def test_its_home_is_a_volume():
    (home,) = json.loads(only(SHIPPED, "VOLUME"))
    assert f"CALAME_HOME={home}" in only(SHIPPED, "ENV").split()
    assert f"--home-dir {home} " in only(SHIPPED, "RUN")
    assert f"calame:{home}" in SERVICES["calame"]["volumes"]


def test_its_health_is_asked_for_where_it_listens():
    words = json.loads(re.search(r"CMD (\[.*\])", only(SHIPPED, "HEALTHCHECK"))[1])
    assert words[:2] == ["python", "-c"]
    compile(words[2], "HEALTHCHECK", "exec")
    assert f"'127.0.0.1', {only(SHIPPED, 'EXPOSE')}" in words[2]
    assert "/health/ready" in words[2]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_write_nowhere_but_to_its_volumes(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    for volume in service["volumes"]:
        source, _, rest = volume.partition(":")
        assert source in COMPOSE["volumes"] or ((ROOT / source).is_file() and rest.endswith(":ro")), volume


def test_only_caddy_is_reached_from_outside():
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["caddy"]
    assert SERVICES["caddy"]["ports"] == ["80:80", "443:443", "443:443/udp"]
    assert re.fullmatch(r"caddy:\d+\.\d+-alpine", SERVICES["caddy"]["image"])


def composed() -> list[str]:
    """The command of the service, its variables at their defaults."""
    return [re.sub(r"\$\{\w+:-(.*?)\}", r"\1", word) for word in SERVICES["calame"]["command"]]


def test_caddy_alone_is_believed_and_has_an_address_of_its_own():
    given = serving(composed()[1:])
    address = SERVICES["caddy"]["networks"]["front"]["ipv4_address"]
    (pool,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    assert composed()[0] == "serve"
    assert given["proxy"] == [address]
    assert ipaddress.ip_address(address) in ipaddress.ip_network(pool["subnet"])
    # Whoever starts first is given the first address of the range: it must not be Caddy's.
    assert ipaddress.ip_address(address) not in ipaddress.ip_network(pool["ip_range"])
    assert "front" in SERVICES["calame"]["networks"]
    assert SERVICES["caddy"]["depends_on"]["calame"]["condition"] == "service_healthy"


def test_caddy_passes_on_to_the_service_under_names_it_answers_to():
    upstream = re.search(r"reverse_proxy (\S+)", CADDYFILE)[1]
    site = re.search(r"\{\$(\w+):(\w+)\} \{", CADDYFILE)
    name, port = upstream.split(":")
    assert (name in SERVICES, port) == (True, only(SHIPPED, "EXPOSE"))
    assert name in serving(composed()[1:])["allow_host"]
    assert SERVICES["caddy"]["environment"] == {site[1]: f"${{{site[1]}:-{site[2]}}}"}
    assert f"--allow-host=${{{site[1]}:-{site[2]}}}" in SERVICES["calame"]["command"]
    assert "./Caddyfile:/etc/caddy/Caddyfile:ro" in SERVICES["caddy"]["volumes"]


def test_caddy_adds_no_header_that_is_ours_and_believes_no_client():
    added = {name.lstrip("+-?>").lower() for name in re.findall(r"(?m)^\s*header (?:@\w+ )?(\S+)", CADDYFILE)}
    assert added == {"strict-transport-security"}
    assert not added & {name.lower() for name in HEADERS}
    assert "trusted_proxies" not in CADDYFILE
    assert "header_up" not in CADDYFILE


def test_the_variables_of_the_service_are_read_by_calame():
    read = (ROOT / "src/calame/config.py").read_text(encoding="utf-8")
    assert all(f'"{name}"' in read for name in SERVICES["calame"]["environment"])


def test_a_path_is_ignored_by_the_last_pattern_that_fits():
    assert ignored("README.fr.md")
    assert not ignored("README.md")
