"""What stands in a log where there is no terminal."""

import io

from rich.console import Console

from gateway.demo.errors import NotUnderstood, Step
from gateway.demo.story import Speaker, Turn
from gateway.demo.verify import Proof
from gateway.demo.watch import Watch


def printed(*turns: Turn, error: NotUnderstood | None = None, proof: Proof | None = None) -> str:
    output = io.StringIO()
    watch = Watch(Console(file=output))
    with watch.showing():
        watch.awaiting("something that only a terminal shows")
        for turn in turns:
            watch.spoken(turn)
        if proof:
            watch.proved(proof)
        if error:
            watch.failed(error)
    return output.getvalue()


def test_a_turn_is_one_clean_line() -> None:
    line = printed(Turn(Speaker.AGENT, 6.28, 8.0, "We are open [Monday].", 0.634))
    assert line == "   6.3 s  agent   +0.63 s  We are open [Monday].\n"


def test_only_answers_have_a_latency() -> None:
    line = printed(Turn(Speaker.CALLER, 0.0, 2.0, "Hello?"))
    assert line.split() == ["0.0", "s", "caller", "Hello?"]


def test_nothing_of_a_terminal_is_left_in_a_log() -> None:
    assert "\x1b" not in printed(Turn(Speaker.PERSON, 1.0, 2.0, "Hello."))
    assert "only a terminal" not in printed()


def test_a_failed_step_is_named_in_one_line() -> None:
    error = NotUnderstood(Step.GREETING, "caller-heard.wav", "Hello " * 40, "yellow", 0.0)
    line = printed(error=error)
    assert "the agent greets: caller-heard.wav should hold" in line
    assert line.count("\n") == 1


def test_a_proof_tells_how_sure_it_is() -> None:
    proof = Proof(Step.CALLER_HEARS_PERSON, "caller-heard.wav", "a", "a", 0.9, 0.97)
    assert "the caller hears the person  90% of the words, voice 0.97" in printed(proof=proof)
