"""An ear on packets that were there before it listened: what it waits for is already past."""

import time
from collections.abc import Iterator

import numpy as np
import pytest

from gateway.demo.ear import Ear
from gateway.demo.errors import Silence, Step
from gateway.demo.talkspurts import RATE, Samples
from gateway.lab.hearing import Packet
from rtp.g711 import encode_mulaw

FRAME = 160


def voice(seconds: float, frequency: float = 300.0) -> Samples:
    samples = np.arange(round(seconds * RATE)) / RATE
    return (0.2 * np.sin(2 * np.pi * frequency * samples)).astype(np.float32)


def quiet(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def packets(audio: Samples, begin: float) -> Iterator[Packet]:
    codes = encode_mulaw(audio)
    for index, start in enumerate(range(0, len(codes), FRAME)):
        payload = codes[start : start + FRAME].tobytes()
        yield Packet(begin + index * 0.02, 1, index, start, 0, payload)


def ear(*parts: Samples) -> Ear:
    """A line whose last packet has just passed; times count from its first."""
    audio = np.concatenate(parts)
    begin = time.monotonic() - len(audio) / RATE
    return Ear(list(packets(audio, begin)), begin)


async def test_an_utterance_is_found_with_its_begin_and_end() -> None:
    line = ear(quiet(0.5), voice(1.0), quiet(1.0))
    span = await line.utterance(Step.GREETING, after=0.0, within=1.0, pause=0.5)
    assert span.start == pytest.approx(0.5, abs=0.02)
    assert span.end == pytest.approx(1.5, abs=0.02)


async def test_what_was_said_before_is_not_the_answer() -> None:
    line = ear(voice(1.0), quiet(1.0), voice(0.5), quiet(1.0))
    span = await line.utterance(Step.FIRST_ANSWER, after=1.2, within=1.0, pause=0.5)
    assert span.start == pytest.approx(2.0, abs=0.02)


async def test_ringing_behind_an_announcement_does_not_belong_to_it() -> None:
    line = ear(voice(1.0), quiet(0.1), voice(2.0, frequency=440.0))
    span = await line.utterance(Step.ANNOUNCEMENT, after=0.0, within=1.0, pause=0.5)
    assert span.end == pytest.approx(1.0, abs=0.02)


async def test_a_silent_line_is_told_with_the_step() -> None:
    with pytest.raises(Silence) as raised:
        await ear(quiet(2.0)).utterance(Step.SECOND_ANSWER, after=0.0, within=1.0, pause=0.5)
    assert raised.value.step is Step.SECOND_ANSWER
    assert "1 s" in str(raised.value)


async def test_audio_lies_where_its_packets_came() -> None:
    line = ear(quiet(0.5), voice(0.5), quiet(0.2))
    audio = line.audio(0.0, 1.2)
    assert np.abs(audio[: RATE // 2 - FRAME]).max() < 0.01
    assert np.abs(audio[RATE // 2 : RATE]).max() > 0.15
