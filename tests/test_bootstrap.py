"""What `make` sets up before anything is installed (scripts/bootstrap.py)."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts/bootstrap.py"
PIP_SETTINGS = """\
:env:.find-links='/srv/wheels'
global.extra-index-url='https://one.example/simple https://two.example/simple'
global.index-url='https://main.example/simple'
global.timeout='60'
install.trusted-host='main.example'
"""


@pytest.fixture
def bootstrap() -> ModuleType:
    found = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_packages_come_from_where_the_users_pip_takes_them(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "run", lambda command: PIP_SETTINGS)
    options = bootstrap.pip_configuration(["pip"])
    pairs = list(zip(options[::2], options[1::2], strict=True))
    assert pairs == [
        ("--index-strategy", "unsafe-best-match"),
        ("--find-links", "/srv/wheels"),
        ("--index", "https://one.example/simple"),
        ("--index", "https://two.example/simple"),
        ("--default-index", "https://main.example/simple"),
        ("--allow-insecure-host", "main.example"),
    ]


def test_it_is_current_only_for_the_same_locks_python_and_place(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("PACKAGES", "INSTALLER"):
        monkeypatch.setattr(bootstrap, name, tmp_path / name)
        (tmp_path / name).write_text("numpy==2\n")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "installed")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "python")
    assert not bootstrap.is_current()
    (tmp_path / "installed").write_text(bootstrap.fingerprint())
    assert not bootstrap.is_current()
    (tmp_path / "python").touch()
    assert bootstrap.is_current()
    (tmp_path / "PACKAGES").write_text("numpy==3\n")
    assert not bootstrap.is_current()


def test_a_command_that_fails_is_one_line(bootstrap: ModuleType) -> None:
    with pytest.raises(bootstrap.BootstrapError, match=r"^sh -c .* failed: no space$"):
        bootstrap.run(["sh", "-c", "echo first >&2; echo no space >&2; exit 1"])


def test_a_pip_is_found_on_this_machine(bootstrap: ModuleType) -> None:
    assert bootstrap.pip_wheel().suffix == ".whl"
