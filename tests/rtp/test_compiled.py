"""Compiled functions: the same without the compiler, never compiled in a call, kept or not."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import types

from rtp import compiled as kept
from rtp.compiled import compiled, f8
from rtp.earliest import earliest

ROOT = Path(__file__).resolve().parent.parent.parent
INTERPRETED = (
    "gathering",
    "journal",
    "pacing",
    "packet",
    "playout",
    "reception",
    "sending",
)
# Of the network's matrix products Python makes one window after another.
INTERPRETED_IN_PART = (
    "test_vad.py::test_a_batch_hears_what_each_would_alone",
    "test_vad.py::test_rows_need_the_model_in_the_same_ticks",
    "test_vad.py::test_a_row_out_of_step_falls_in_again_in_its_silence",
    "test_silero.py::test_it_is_the_published_network[0.1-17]",
)


def twice_of(values: list[float]) -> list[float]:
    @compiled(types.void(f8[::1]))
    def twice(numbers: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
        for nth in range(len(numbers)):
            numbers[nth] *= 2.0

    numbers = np.array(values)
    twice(numbers)
    found: list[float] = numbers.tolist()
    return found


def test_without_the_compiler_the_functions_are_what_they_look_like() -> None:
    """Where Python itself runs the loops, an index beyond a column is an error."""
    tests = [f"tests/rtp/test_{name}.py" for name in INTERPRETED]
    tests += [f"tests/rtp/{name}" for name in INTERPRETED_IN_PART]
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    options = ("-q", "-x", "-p", "no:xdist", "-p", "no:cacheprovider")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


def test_other_types_are_refused_instead_of_compiled_for() -> None:
    assert earliest(np.array([3.0, 1.5, 2.0])) == 1.5
    assert earliest(np.zeros(0)) == np.inf
    with pytest.raises(TypeError, match="No matching definition"):
        earliest(np.zeros((2, 2)))


def test_what_was_made_is_kept_until_a_module_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "module.py").write_text("first")
    monkeypatch.setattr(kept, "_PACKAGE", package)
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path))
    kept._folder.cache_clear()
    try:
        assert twice_of([1.0, 2.0]) == [2.0, 4.0]
        (before,) = tmp_path.glob("compiled-*")
        assert list(before.rglob("*.nbi"))
        (package / "module.py").write_text("second")
        kept._folder.cache_clear()
        assert twice_of([1.0]) == [2.0]
        (after,) = tmp_path.glob("compiled-*")
        assert after != before
    finally:
        kept._folder.cache_clear()


def test_where_nothing_can_be_kept_it_is_made_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_folder = tmp_path / "file"
    no_folder.write_text("")
    monkeypatch.setattr(kept, "_KEPT", no_folder)
    nowhere = {"from_function": classmethod(lambda *_: None)}
    locators = [type("Nowhere", (), nowhere)]
    monkeypatch.setattr("numba.core.caching.CompileResultCacheImpl._locator_classes", locators)
    kept._folder.cache_clear()
    try:
        assert twice_of([4.0]) == [8.0]
    finally:
        kept._folder.cache_clear()


def test_numbas_own_folder_is_as_it_was() -> None:
    from numba import config

    before = config.CACHE_DIR  # type: ignore[attr-defined]
    assert twice_of([1.0]) == [2.0]
    assert before == config.CACHE_DIR  # type: ignore[attr-defined]
