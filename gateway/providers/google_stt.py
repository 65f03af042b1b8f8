"""Google's Speech-to-Text v2, streamed (cloud.google.com/speech-to-text/v2).

A gRPC stream for each stretch of speech, over HTTP/2 connections that all calls share, so a
stream costs no handshake and only speech is charged. Google ends a stream after five minutes:
a stretch that long goes on in the next one.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol, cast

from google.cloud import speech_v2 as speech
from google.cloud.speech_v2.services.speech.transports import SpeechGrpcAsyncIOTransport

from gateway.kinds import Kind
from gateway.providers.coverage import vendor_code
from gateway.providers.google_rpc import (
    NAME,
    Access,
    Account,
    Headers,
    Question,
    channel,
    explained,
    translated,
    writing,
)
from gateway.providers.stretch import Form, Heard, joint_of
from gateway.providers.stretches import StretchTranscriber, transcribing

GLOBAL = "global"
HOST = "speech.googleapis.com"
LONGEST_STREAM = 290.0
"""Seconds; Google's own limit is five minutes."""
TOTAL_SECONDS = 10.0
BOOST = 10.0
"""How much likelier a word to expect is (Google: 0 to 20)."""
MOST_PHRASES = 500
"""Google takes no more phrases to expect in one request."""


class Client(Protocol):
    """The part of `SpeechAsyncClient` that is used here."""

    async def streaming_recognize(self, *, metadata: Headers) -> "Stream": ...
    async def list_recognizers(
        self,
        request: speech.ListRecognizersRequest,
        *,
        timeout: float,  # noqa: ASYNC109 - Google's own signature
        metadata: Headers,
    ) -> object: ...


class Stream(Protocol):
    """A gRPC stream in both directions."""

    async def write(self, request: speech.StreamingRecognizeRequest) -> None: ...
    async def done_writing(self) -> None: ...
    def cancel(self) -> bool: ...
    def __aiter__(self) -> AsyncIterator[speech.StreamingRecognizeResponse]: ...


class GoogleEar:
    """SpeechToText by one of Google's models; `connect` makes the client."""

    name = NAME
    stream_limit = None

    def __init__(
        self,
        connect: Callable[[], Access[speech.SpeechAsyncClient]],
        *,
        model: str,
        rate: int,
        location: str = GLOBAL,
    ) -> None:
        self.rate = rate
        self._connect = connect
        self.model = model
        self._location = location
        self._made: Access[speech.SpeechAsyncClient] | None = None

    async def warm(self) -> None:
        """Connect; see that the credentials are accepted. Costs nothing."""
        with translated():
            await self._ask()

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator[StretchTranscriber]:
        """One call's ear; `keyterms` are words to expect. Nothing is sent before speech begins."""
        form = Form(self.rate, joint_of(language), LONGEST_STREAM)
        first = self._first(form, language, keyterms)

        def stretch() -> AbstractAsyncContextManager["GoogleExchange"]:
            return self._stretch(first, form.joint)

        async with transcribing(NAME, stretch, form) as transcriber:
            yield transcriber

    async def close(self) -> None:
        """Close the connections."""
        if self._made is not None:
            await self._made.client.transport.close()

    @asynccontextmanager
    async def _stretch(
        self, first: speech.StreamingRecognizeRequest, joint: str
    ) -> AsyncIterator["GoogleExchange"]:
        with translated():
            headers = self._open().headers()
            stream = await self._client.streaming_recognize(metadata=headers)
        exchange = GoogleExchange(stream, joint, self._ask)
        try:
            await exchange.write(first)
            yield exchange
        finally:
            stream.cancel()

    def _first(
        self, form: Form, language: str, keyterms: Sequence[str]
    ) -> speech.StreamingRecognizeRequest:
        encodings = speech.ExplicitDecodingConfig.AudioEncoding
        config = speech.RecognitionConfig(
            explicit_decoding_config=speech.ExplicitDecodingConfig(
                encoding=encodings.MULAW if form.is_mulaw else encodings.LINEAR16,
                sample_rate_hertz=form.rate,
                audio_channel_count=1,
            ),
            model=self.model,
            language_codes=[vendor_code(Kind.STT, NAME, language) or language],
            features=speech.RecognitionFeatures(enable_automatic_punctuation=True),
            adaptation=_expecting(keyterms) if keyterms else None,
        )
        return speech.StreamingRecognizeRequest(
            recognizer=f"{self._place}/recognizers/_",
            streaming_config=speech.StreamingRecognitionConfig(
                config=config,
                streaming_features=speech.StreamingRecognitionFeatures(interim_results=True),
            ),
        )

    async def _ask(self) -> object:
        request = speech.ListRecognizersRequest(parent=self._place, page_size=1)
        headers = self._open().headers()
        return await self._client.list_recognizers(request, timeout=TOTAL_SECONDS, metadata=headers)

    @property
    def _place(self) -> str:
        return f"projects/{self._open().project}/locations/{self._location}"

    @property
    def _client(self) -> Client:
        return cast(Client, self._open().client)

    def _open(self) -> Access[speech.SpeechAsyncClient]:
        """Made in the loop that uses it."""
        if self._made is None:
            self._made = self._connect()
        return self._made


class GoogleExchange:
    """One stretch; see `Exchange`."""

    def __init__(self, stream: Stream, joint: str, ask: Question) -> None:
        self._stream = stream
        self._joint = joint
        self._ask = ask
        self._settled: list[str] = []

    async def write(self, request: speech.StreamingRecognizeRequest) -> None:
        with writing():
            await self._stream.write(request)

    async def send(self, audio: bytes, /) -> None:
        await self.write(speech.StreamingRecognizeRequest(audio=audio))

    async def finish(self) -> None:
        with writing():
            await self._stream.done_writing()

    async def heard(self) -> AsyncGenerator[Heard, None]:
        async with explained(self._ask):
            async for response in self._stream:
                if response.results:
                    yield self._understood(response)

    def _understood(self, response: speech.StreamingRecognizeResponse) -> Heard:
        """Results that are not final come again, so they are no part of what is settled."""
        pieces = list(self._settled)
        confidence: float | None = None
        until = 0.0
        for result in response.results:
            best = result.alternatives[0] if result.alternatives else None
            text = best.transcript.strip() if best is not None else ""
            until = max(until, result.result_end_offset.total_seconds())
            if not text:
                continue
            pieces.append(text)
            if result.is_final:
                self._settled.append(text)
                confidence = best.confidence if best is not None and best.confidence else None
        return Heard(self._joint.join(pieces), until, confidence)


def service_account(file: Path, location: str) -> Callable[[], Access[speech.SpeechAsyncClient]]:
    """Clients with the key in `file`, in Google's `location`."""

    def connect() -> Access[speech.SpeechAsyncClient]:
        account = Account(file, HOST)
        place = HOST if location == GLOBAL else f"{location}-{HOST}"
        client = speech.SpeechAsyncClient(
            transport=SpeechGrpcAsyncIOTransport(channel=channel(place))
        )
        return Access(client, account.project, account.headers)

    return connect


def _expecting(keyterms: Sequence[str]) -> speech.SpeechAdaptation:
    phrases = [speech.PhraseSet.Phrase(value=term) for term in keyterms[:MOST_PHRASES]]
    chosen = speech.SpeechAdaptation.AdaptationPhraseSet(
        inline_phrase_set=speech.PhraseSet(phrases=phrases, boost=BOOST)
    )
    return speech.SpeechAdaptation(phrase_sets=[chosen])
