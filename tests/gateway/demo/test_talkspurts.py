import numpy as np

from gateway.demo.talkspurts import RATE, Samples, Span, talkspurts


def tone(seconds: float) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    return (0.2 * np.sin(2 * np.pi * 300 * time)).astype(np.float32)


def quiet(seconds: float) -> Samples:
    noise = np.random.default_rng(1).standard_normal(round(seconds * RATE))
    return (0.0006 * noise).astype(np.float32)


def test_a_quiet_line_has_nobody_on_it() -> None:
    assert talkspurts(quiet(2.0), pause=0.5) == ()
    assert talkspurts(quiet(0.0), pause=0.5) == ()


def test_begin_and_end_are_known_to_ten_milliseconds() -> None:
    line = np.concatenate([quiet(1.0), tone(0.5), quiet(1.0)])
    assert talkspurts(line, pause=0.5) == (Span(1.0, 1.5),)


def test_only_a_pause_parts_two_talkspurts() -> None:
    line = np.concatenate([tone(0.5), quiet(0.3), tone(0.5)])
    assert talkspurts(line, pause=0.5) == (Span(0.0, 1.3),)
    assert talkspurts(line, pause=0.2) == (Span(0.0, 0.5), Span(0.8, 1.3))


def test_a_click_is_not_speech() -> None:
    line = np.concatenate([quiet(0.5), tone(0.02), quiet(0.5)])
    assert talkspurts(line, pause=0.3) == ()


def test_a_span_cuts_its_samples() -> None:
    line = np.arange(RATE, dtype=np.float32)
    assert list(Span(0.5, 0.501).cut(line)) == [4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007]
    assert len(Span(0.0, 0.5).cut(line, margin=0.1)) == 4800
