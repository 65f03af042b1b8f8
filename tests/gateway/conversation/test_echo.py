"""Our own voice coming back, and callers who talk over it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.conversation.echo import NO_ECHO_LOSS, SILENT, EchoGuard, level, repeats

FRAME = 160


def syllables(seconds: float, seed: int) -> list[float]:
    """Levels of speech: syllables of 100–300 ms at about -18 dB with gaps between them."""
    rng = np.random.default_rng(seed)
    levels: list[float] = []
    while len(levels) < seconds * 50:
        levels += [float(-18 + 5 * rng.standard_normal())] * int(rng.integers(5, 15))
        levels += [-70.0] * int(rng.integers(1, 6))
    return levels[: round(seconds * 50)]


def sound(decibels: float, rng: np.random.Generator) -> NDArray[np.float32]:
    amplitude = 10 ** (decibels / 20)
    return (amplitude * rng.standard_normal(FRAME)).astype(np.float32)


def heard(
    guard: EchoGuard,
    ours: list[float],
    *,
    loss: float,
    delay: int,
    caller: list[float] | None = None,
) -> list[bool]:
    """What the guard says to each frame of a line with that echo, a noise floor and a caller."""
    rng = np.random.default_rng(7)
    verdicts = []
    for index, own in enumerate(ours):
        back = ours[index - delay] - loss if index >= delay else SILENT
        frame = sound(-66, rng) + sound(back, rng)
        if caller is not None:
            frame = frame + sound(caller[index], rng)
        guard.hear([own], frame)
        verdicts.append(guard.is_echo())
    return verdicts


@pytest.mark.parametrize("loss", [12.0, 18.0, 30.0])
@pytest.mark.parametrize("delay", [1, 4, 12, 20])
def test_an_echo_is_recognised_and_its_loss_learnt(loss: float, delay: int) -> None:
    guard = EchoGuard()
    ours = syllables(8.0, seed=delay)
    verdicts = heard(guard, ours, loss=loss, delay=delay)
    assert all(verdicts[100:])
    assert guard.sure
    assert guard.loss == pytest.approx(loss, abs=7)


def test_frames_that_come_together_teach_the_same() -> None:
    one_by_one, together = EchoGuard(), EchoGuard()
    ours = syllables(6.0, seed=8)
    heard(one_by_one, ours, loss=18.0, delay=6)
    rng = np.random.default_rng(7)
    for begin in range(0, len(ours), 5):
        frames = []
        for index in range(begin, begin + 5):
            back = ours[index - 6] - 18.0 if index >= 6 else SILENT
            frames.append(sound(-66, rng) + sound(back, rng))
        together.hear(ours[begin : begin + 5], np.concatenate(frames))
    assert together.loss == pytest.approx(one_by_one.loss, abs=0.1)
    assert together.delay == one_by_one.delay


def test_on_a_clean_line_even_a_quiet_caller_gets_through() -> None:
    guard = EchoGuard()
    heard(guard, syllables(6.0, seed=1), loss=90.0, delay=5)
    assert guard.loss > (NO_ECHO_LOSS - 5)
    verdicts = heard(guard, syllables(1.0, seed=2), loss=90.0, delay=5, caller=[-40.0] * 50)
    assert not any(verdicts)


@pytest.mark.parametrize("loss", [15.0, 24.0])
def test_a_caller_is_heard_over_the_echo_and_does_not_confuse_it(loss: float) -> None:
    guard = EchoGuard()
    heard(guard, syllables(6.0, seed=3), loss=loss, delay=6)
    caller = syllables(2.0, seed=99)
    verdicts = heard(guard, syllables(2.0, seed=4), loss=loss, delay=6, caller=caller)
    voiced = [not echo for echo, own in zip(verdicts, caller, strict=True) if own > -30]
    assert np.mean(voiced) > 0.7
    assert all(heard(guard, syllables(3.0, seed=5), loss=loss, delay=6)[50:])


def test_when_we_are_silent_everything_is_the_caller() -> None:
    guard = EchoGuard()
    assert not any(heard(guard, [SILENT] * 100, loss=10.0, delay=3, caller=[-60.0] * 100))


def test_a_suspected_line_believes_only_callers_who_are_louder_than_we_are() -> None:
    guard = EchoGuard()
    guard.suspect()
    ours = [-20.0] * 25
    assert all(heard(guard, ours, loss=90.0, delay=1, caller=[-24.0] * 25))
    assert not any(heard(guard, ours, loss=90.0, delay=1, caller=[-14.0] * 25))


def test_the_level_of_a_frame() -> None:
    assert level(np.zeros(FRAME, np.float32)) == SILENT
    assert level(np.full(FRAME, 0.1, np.float32)) == pytest.approx(-20, abs=0.1)


def test_our_own_words_are_known_when_they_come_back() -> None:
    ours = "Parking is free, the car park is behind the building."
    assert repeats("Parking.", ours)
    assert repeats("Park is", ours)
    assert not repeats("No, I meant something else.", ours)
    assert not repeats("", ours)
