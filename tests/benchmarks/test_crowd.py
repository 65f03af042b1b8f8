"""The call benchmark's arithmetic: what the callers' lines, the samples and the threads say."""

import pytest

from tests.benchmarks.bench_calls import Load
from tests.benchmarks.crowd import Stage, Turns, Usage, shares
from tests.benchmarks.sampled import LOOP, MEDIA

MAIN, ENGINE, GRPC = 100, 101, 102
NAMES = {"100": "MainThread", "101": "media"}


def stage(calls: int, *, cpu: float, latencies: list[float], unanswered: int = 0) -> Stage:
    threads = {MAIN: cpu - 3.0, ENGINE: 2.0, GRPC: 1.0}
    used = Usage(10.0, cpu, threads, others={"vendors": 1.0}, machine=cpu + 6.0, kept_waiting=0.0)
    return Stage(calls, 50.0, used, latencies, unanswered)


def test_lines_of_the_callers_are_greetings_answers_and_questions_without_one() -> None:
    turns = Turns()
    for line in (b"7 0 2000000000\n", b"7 3000000000 4500000000\n", b"8 5000000000 0\n"):
        turns.note(line)
    assert turns.greetings == {7: 2.0}
    assert turns.answers == [(3.0, 4.5)]
    assert turns.unanswered == [5.0]


def test_a_question_without_an_answer_counts_as_the_slowest() -> None:
    assert stage(10, cpu=8.0, latencies=[1.0] * 19).p95 == 1.0
    assert stage(10, cpu=8.0, latencies=[1.0] * 18, unanswered=2).p95 == float("inf")


def test_cpu_is_told_apart_by_samples_and_by_threads() -> None:
    inside = [(55.0, "LLM", "", "")] * 3 + [(56.0, LOOP, "", "")]
    outside = [(49.9, "STT", "", ""), (60.1, "STT", "", "")]
    cost = shares(stage(10, cpu=8.0, latencies=[1.0]), [*inside, *outside], NAMES)
    assert cost == pytest.approx({"LLM": 37.5, LOOP: 12.5, MEDIA: 20.0, "TTS": 10.0})


def test_calls_per_core_come_from_the_most_calls_whose_turns_are_quick() -> None:
    stages = [
        stage(1, cpu=5.0, latencies=[0.9]),
        stage(10, cpu=5.0, latencies=[1.0]),
        stage(100, cpu=6.0, latencies=[1.05]),
        stage(200, cpu=9.0, latencies=[1.3]),
    ]
    result = Load(stages, [{}, {}, {}, {}], [0.02]).to_json()
    assert (result["at_calls"], result["calls_per_core"]) == (100, 167)
    assert result["turn_p95_ms"] == {"1": 900.0, "10": 1000.0, "100": 1050.0, "200": 1300.0}
    assert result["turn_p95_limit_ms"] == 1100.0
    assert stages[0].strangers == pytest.approx(0.5)
