"""What is measured, beside what is asked."""

import pytest

from gateway.lab.hearing import Packet
from gateway.lab.wiretap import TappedCall
from gateway.providers.base import Json
from tests.benchmarks.budgets import Budget, budgets
from tests.benchmarks.figures import Figure, milliseconds
from tests.benchmarks.latency_chart import numbers
from tests.benchmarks.set_delays import quiet_behind
from tests.benchmarks.share import waits

LOUD, QUIET = bytes([0x80]) * 160, bytes([0xFF]) * 160


def test_budgets_are_kept_or_not() -> None:
    results: dict[str, Json] = {
        "answer_ms": {"p50": 490.0, "p95": 1200.0, "n": 30},
        "lost_to_noise_share": 0.0,
        "cut_off_share": 0.02,
        "streaming_saves_ms": 800.0,
    }
    found = {budget.what: budget for budget in budgets(results)}
    assert [budget.kept for budget in found.values()] == [True, False, True, True, True]
    assert found["turns cut off"].value == pytest.approx(2.0)
    assert found["saved by streaming (at least)"].share == 0.5


def test_too_little_saved_is_more_than_the_budget() -> None:
    assert Budget("saved", 200.0, 400.0, "ms", least=True).share == 2.0
    assert Budget("saved", -5.0, 400.0, "ms", least=True).share == float("inf")


def test_figures_are_milliseconds() -> None:
    figure = Figure.of([0.1, 0.2, 0.3])
    assert figure.to_json() == {"p50": 200.0, "p95": 290.0, "n": 3}
    assert milliseconds([0.1234]) == [123.4]
    assert numbers([1, 2.5, "x"]) == [1.0, 2.5]
    assert numbers("12") == []


def test_quiet_is_counted_from_the_last_loud_frame() -> None:
    assert quiet_behind(LOUD + QUIET + QUIET) == pytest.approx(0.04)
    assert quiet_behind(QUIET + LOUD) == 0.0
    assert quiet_behind(QUIET) is None


def packets(*times: float) -> list[Packet]:
    return [Packet(time, 1, 0, 0, 0, LOUD) for time in times]


def test_turns_are_measured_from_packet_to_packet() -> None:
    call = TappedCall("x")
    call.said = packets(1.0, 1.5, 2.0, 9.0, 9.5, 20.0)
    call.heard = packets(0.5, 2.9, 2.92, 20.5)
    assert waits(call) == [pytest.approx(0.9), None]
