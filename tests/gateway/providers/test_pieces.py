"""Larger pieces: the same sound, no later than it is needed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest

from gateway.errors import ProviderError, ProviderUnavailable
from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, WordTime
from gateway.providers.pieces import MOST_SECONDS, PIECE_SECONDS, in_large_pieces

pytestmark = pytest.mark.virtual_time

MULAW = AudioFormat(Encoding.MULAW, 8000)
TENTH = 800


class Voice:
    """Pieces of 100 ms, each after its wait; the words are their numbers."""

    def __init__(self, waits: Sequence[float], error: ProviderError | None = None) -> None:
        self._waits = waits
        self._error = error
        self.given = 0
        self.closed = False

    async def speak(self) -> AsyncIterator[SpeechChunk]:
        try:
            for nth, wait in enumerate(self._waits):
                await asyncio.sleep(wait)
                self.given += 1
                words = (WordTime(str(nth), nth / 10),)
                yield SpeechChunk(bytes([nth]) * TENTH, MULAW, words)
            if self._error is not None:
                raise self._error
        finally:
            self.closed = True


async def heard(voice: Voice) -> list[tuple[float, SpeechChunk]]:
    """Each piece with the time at which it came."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    return [(loop.time() - began, piece) async for piece in in_large_pieces(voice.speak())]


def gaps(pieces: Sequence[tuple[float, SpeechChunk]]) -> float:
    """For how long a listener to whom all is played at once would hear nothing."""
    silent, until = 0.0, pieces[0][0]
    for came, piece in pieces:
        silent += max(0.0, came - until)
        until = max(until, came) + piece.seconds
    return silent


async def test_a_quick_voice_comes_at_once_and_then_in_large_pieces() -> None:
    voice = Voice([0.2, *[0.02] * 39])
    pieces = await heard(voice)
    came, first = pieces[0]
    assert came == pytest.approx(0.2)
    assert first.seconds == pytest.approx(0.1)
    assert b"".join(piece.audio for _, piece in pieces) == b"".join(
        bytes([nth]) * TENTH for nth in range(40)
    )
    assert [word.word for _, piece in pieces for word in piece.words] == [
        str(nth) for nth in range(40)
    ]
    assert len(pieces) < 14
    assert gaps(pieces) == 0.0
    assert voice.closed


@pytest.mark.parametrize("wait", [0.02, 0.05, 0.09, 0.1])
async def test_no_gap_is_heard_that_the_voice_did_not_make(wait: float) -> None:
    assert gaps(await heard(Voice([wait] * 30))) < 1e-6


async def test_what_is_there_goes_on_when_the_voice_stalls() -> None:
    pieces = await heard(Voice([*[0.02] * 8, 2.0, 0.02]))
    in_time = sum(piece.seconds for came, piece in pieces if came < 1.0)
    assert in_time == pytest.approx(0.8)


async def test_what_came_before_an_error_goes_on_before_it() -> None:
    lost = ProviderUnavailable("voice", "gone")
    seconds = 0.0

    async def listen() -> None:
        nonlocal seconds
        async for piece in in_large_pieces(Voice([0.01] * 4, lost).speak()):
            seconds += piece.seconds

    with pytest.raises(ProviderUnavailable):
        await listen()
    assert seconds == pytest.approx(0.4)


async def test_a_listener_who_leaves_closes_the_voice() -> None:
    voice = Voice([0.02] * 100)
    async with aclosing(in_large_pieces(voice.speak())) as pieces:
        async for _ in pieces:
            break
    assert voice.closed
    assert voice.given < 10


async def test_a_listener_who_takes_nothing_lets_the_voice_wait() -> None:
    voice = Voice([0.001] * 100)
    async with aclosing(in_large_pieces(voice.speak())) as pieces:
        async for _ in pieces:
            await asyncio.sleep(5.0)
            break
        assert voice.given * 0.1 <= MOST_SECONDS + PIECE_SECONDS


async def test_sounds_of_different_formats_are_not_joined() -> None:
    other = AudioFormat(Encoding.PCM_S16, 8000)

    async def speak() -> AsyncIterator[SpeechChunk]:
        yield SpeechChunk(bytes(800), MULAW)
        yield SpeechChunk(bytes(800), MULAW)
        yield SpeechChunk(bytes(1600), other)

    formats = [piece.format async for piece in in_large_pieces(speak())]
    assert formats[-1] == other
    assert set(formats[:-1]) == {MULAW}
