"""The next provider steps in, as long as nothing of the answer has come."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest

from gateway.errors import ProviderError, ProviderRefused, ProviderUnavailable
from gateway.providers.base import (
    AudioFormat,
    Encoding,
    Expectation,
    Message,
    ModelEvent,
    ModelRequest,
    Role,
    SpeechChunk,
    TextDelta,
    Transcriber,
    Transcript,
    Voice,
)
from gateway.providers.failover import FirstEar, FirstModel, FirstVoice

Piece = TypeVar("Piece")
FORMAT = AudioFormat(Encoding.MULAW, 8_000)
REQUEST = ModelRequest("clinic", "", "en-US", (Message(Role.USER, "Hello"),), ())


class Scripted:
    """A provider of every kind that gives `answers` and then, if told to, fails."""

    rate = 16_000
    stream_limit = None

    def __init__(self, name: str, *answers: str, error: ProviderError | None = None) -> None:
        self.name = self.settings_key = name
        self.answers, self.error = answers, error
        self.asked = self.closed = 0

    async def warm(self) -> None:
        if self.error is not None:
            raise self.error

    async def close(self) -> None:
        pass

    def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        return self._answer(lambda answer: SpeechChunk(answer.encode(), FORMAT))

    def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        return self._answer(TextDelta)

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator[Transcriber]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        yield Deaf()
        self.closed += 1

    async def _answer(self, piece: Callable[[str], Piece]) -> AsyncIterator[Piece]:
        self.asked += 1
        try:
            for answer in self.answers:
                yield piece(answer)
            if self.error is not None:
                raise self.error
        finally:
            self.closed += 1


class Deaf:
    """A transcriber that hears nothing."""

    dropped_seconds = 0.0

    def expect(self, expected: Expectation | None, /) -> None:
        pass

    def begin(self) -> int:
        return 1

    def feed(self, samples: object, /) -> None: ...
    def pause(self) -> None: ...
    def end(self) -> None: ...
    async def transcripts(self) -> AsyncIterator[Transcript]:
        nothing: tuple[Transcript, ...] = ()
        for transcript in nothing:
            yield transcript


DOWN = ProviderUnavailable("first", "down")


async def spoken(*voices: Scripted) -> str:
    voice = FirstVoice(voices)
    return b"".join([c.audio async for c in voice.synthesize("Hi", Voice("en-US"))]).decode()


async def test_the_first_that_answers_is_heard_and_no_other_is_asked() -> None:
    first, second = Scripted("first", "a", "b"), Scripted("second", "c")
    assert await spoken(first, second) == "ab"
    assert (first.closed, second.asked) == (1, 0)


async def test_the_next_steps_in_before_anything_was_heard() -> None:
    assert await spoken(Scripted("first", error=DOWN), Scripted("second", "c")) == "c"


async def test_what_has_begun_is_not_said_twice() -> None:
    second = Scripted("second", "c")
    with pytest.raises(ProviderUnavailable):
        await spoken(Scripted("first", "a", error=DOWN), second)
    assert second.asked == 0


async def test_when_all_fail_the_last_one_says_why() -> None:
    last = ProviderRefused("second", "no key")
    with pytest.raises(ProviderRefused, match="no key"):
        await spoken(Scripted("first", error=DOWN), Scripted("second", error=last))


async def test_closing_the_answer_closes_the_provider() -> None:
    first = Scripted("first", "a", "b")
    chunks = FirstVoice((first,)).synthesize("Hi", Voice("en-US"))
    await anext(chunks)
    assert isinstance(chunks, AsyncGenerator)
    await chunks.aclose()
    assert first.closed == 1


async def test_models_step_in_alike() -> None:
    model = FirstModel((Scripted("first", error=DOWN), Scripted("second", "Hello.")))
    assert [event async for event in model.respond(REQUEST)] == [TextDelta("Hello.")]


async def test_ears_step_in_alike_and_are_closed() -> None:
    second = Scripted("second")
    async with FirstEar((Scripted("first", error=DOWN), second)).open(language="en-US") as ear:
        assert ear.begin() == 1
    assert second.closed == 1


async def test_an_error_of_the_call_is_not_taken_for_one_of_the_ear() -> None:
    second = Scripted("second")
    with pytest.raises(ProviderUnavailable, match="mid-call"):
        async with FirstEar((Scripted("first"), second)).open(language="en-US"):
            raise ProviderUnavailable("first", "mid-call")
    assert second.asked == 0


async def test_one_that_warms_is_enough() -> None:
    await FirstVoice((Scripted("first", error=DOWN), Scripted("second"))).warm()
    with pytest.raises(ProviderUnavailable):
        await FirstVoice((Scripted("first", error=DOWN),)).warm()
