"""The next provider steps in where one fails before anything of its answer has come."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol, TypeVar

import structlog

from gateway.errors import ProviderError
from gateway.providers.base import (
    LanguageModel,
    ModelEvent,
    ModelRequest,
    SpeechChunk,
    SpeechToText,
    TextToSpeech,
    Transcriber,
    Voice,
)

log = structlog.get_logger()


class Warmed(Protocol):
    """What all kinds of providers have in common."""

    name: str

    async def warm(self) -> None: ...
    async def close(self) -> None: ...


Provider = TypeVar("Provider", bound=Warmed)
Piece = TypeVar("Piece")


class FirstVoice:
    """TextToSpeech by the first of `voices` that can say the text.

    What a later one had to say is cached under the first one's key: what the first cannot say
    today it cannot say tomorrow.
    """

    def __init__(self, voices: Sequence[TextToSpeech]) -> None:
        self._voices = voices
        self.name, self.settings_key = voices[0].name, voices[0].settings_key

    async def warm(self) -> None:
        await _warm(self._voices)

    async def close(self) -> None:
        for each in self._voices:
            await each.close()

    def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        return _answer(self._voices, lambda each: each.synthesize(text, voice))


class FirstModel:
    """LanguageModel by the first of `models` that begins to answer."""

    def __init__(self, models: Sequence[LanguageModel]) -> None:
        self._models = models
        self.name = models[0].name

    async def warm(self) -> None:
        await _warm(self._models)

    async def close(self) -> None:
        for each in self._models:
            await each.close()

    def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        return _answer(self._models, lambda each: each.respond(request))


class FirstEar:
    """SpeechToText by the first of `ears` that opens for a call. All are fed at one rate."""

    def __init__(self, ears: Sequence[SpeechToText]) -> None:
        self._ears = ears
        self.name, self.rate = ears[0].name, ears[0].rate
        self.stream_limit = ears[0].stream_limit

    async def warm(self) -> None:
        await _warm(self._ears)

    async def close(self) -> None:
        for each in self._ears:
            await each.close()

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator[Transcriber]:
        async with AsyncExitStack() as stack:
            for ear in self._ears:
                opening = ear.open(language=language, keyterms=keyterms)
                try:
                    transcriber = await stack.enter_async_context(opening)
                except ProviderError as error:
                    if ear is self._ears[-1]:
                        raise
                    _report(ear, error)
                else:
                    yield transcriber
                    return


async def _warm(providers: Sequence[Warmed]) -> None:
    """Warm all; one that fails is only reported while another one works."""
    failures: list[ProviderError] = []
    for provider in providers:
        try:
            await provider.warm()
        except ProviderError as error:
            failures.append(error)
            _report(provider, error)
    if len(failures) == len(providers):
        raise failures[0]


async def _answer(
    providers: Sequence[Provider], ask: Callable[[Provider], AsyncIterator[Piece]]
) -> AsyncIterator[Piece]:
    for provider in providers:
        pieces = ask(provider)
        begun = False
        try:
            async for piece in pieces:
                begun = True
                yield piece
        except ProviderError as error:
            if begun or provider is providers[-1]:
                raise
            _report(provider, error)
        else:
            return
        finally:
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()


def _report(provider: Warmed, error: ProviderError) -> None:
    log.warning("provider_failed", provider=provider.name, reason=str(error))
