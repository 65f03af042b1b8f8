"""What the media benchmark writes."""

import json

import pytest

from tests.benchmarks.bench_media import Attempts, Report, Row
from tests.benchmarks.media_runs import Said, Unmeasurable, excuse

MEASURED = Row(100, 0.9, 1.2, 0.3, 0, 0.1, 0.5, 0.9)
KEYS = ["legs", "plane_ms", "plane_vad_ms", "floor_ms", "lost"]
KEYS += ["late_p50_ms", "late_p99_ms", "late_max_ms"]


def test_the_figures_have_the_names_that_are_asked_for() -> None:
    report = Report([MEASURED, Row(2000)], {2000: "too many"}, fixed_ms=30.0, idle_ms=0.5)
    written = json.loads(report.to_json())
    assert written["floor_ms"] == 0.3
    assert list(written["rows"][0]) == KEYS
    assert written["rows"][1] == dict.fromkeys(KEYS) | {"legs": 2000, "note": "too many"}
    assert written["growth"] is None
    assert (written["tick_ms_per_second"], written["idle_ms_per_second"]) == (30.0, 0.5)


def test_growth_is_told_beyond_the_turns_and_only_if_both_sizes_are_known() -> None:
    many = Row(2000, 0.615, 1.0, 0.3, 0, 0.1, 0.5, 0.9)
    report = Report([MEASURED, many], {}, fixed_ms=30.0, idle_ms=0.5)
    assert report.growth() == pytest.approx(1.0)
    assert Report([MEASURED], {}, fixed_ms=30.0, idle_ms=0.5).growth() is None


def test_a_machine_on_which_one_call_cannot_be_judged_says_so() -> None:
    slow, fast = (Row(1, 60.0, 80.0, floor, 0, 0.1, 0.5, 0.9) for floor in (20.0, 4.0))
    assert "C echo alone" in Attempts().note(slow, timer_p99_ms=0.1)
    assert Attempts().note(fast, timer_p99_ms=0.1) == ""


@pytest.mark.parametrize(
    ("load", "waited", "late_ms", "reason"),
    [
        (0.99, 0.0, 0.0, "one core is full"),
        (0.5, 0.3, 0.0, "others had the cores"),
        (0.5, 0.0, 300.0, "300 ms late"),
    ],
)
def test_what_the_machine_lost_is_told_apart(
    load: float, waited: float, late_ms: float, reason: str
) -> None:
    with pytest.raises(Unmeasurable, match=reason):
        excuse(7, load=load, waited=waited, said=Said(1000, 0.1, late_ms))


def test_what_the_plane_lost_is_not_excused() -> None:
    excuse(7, load=0.5, waited=0.01, said=Said(1000, 0.1, 2.0))
