"""Amazon Transcribe over its WebSocket (docs.aws.amazon.com, Setting up a WebSocket stream).

A WebSocket for each stretch of speech, since Amazon gives one stream to each. Not the SDK: it
speaks HTTP/2 in native threads of its own, with neither deadlines nor a way to give up a stream.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from statistics import fmean
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from gateway.errors import ProviderProtocol, ProviderUnavailable
from gateway.kinds import Kind
from gateway.providers.amazon import NAME, Signer, exception
from gateway.providers.amazon_events import decoded, encoded
from gateway.providers.coverage import vendor_code
from gateway.providers.stretch import CLOSE_SECONDS, Form, Heard, joint_of
from gateway.providers.stretches import StretchTranscriber, transcribing
from gateway.providers.web import Web, translated

PATH = "/stream-transcription-websocket"
SERVICE = "transcribe"
CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 5.0
LEAST_BILLED = 15.0
"""Seconds that every request is charged as at least (aws.amazon.com/transcribe/pricing)."""
AUDIO = {
    ":content-type": "application/octet-stream",
    ":event-type": "AudioEvent",
    ":message-type": "event",
}


class AmazonEar:
    """SpeechToText at `url` (https), the region's. Words to expect would need a vocabulary that
    is made beforehand: they are not used."""

    name = NAME
    stream_limit = None

    def __init__(self, signer: Signer, *, url: str, rate: int) -> None:
        self.rate = rate
        self._signer = signer
        self._url = url.rstrip("/") + PATH
        self._web = Web()

    async def warm(self) -> None:
        """Open a stream and end it without audio: the credentials are accepted."""
        form = Form(self.rate, pcm=True)
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self._stretch("en-US", form) as exchange:
                await exchange.finish()
                async for _ in exchange.heard():
                    pass
        except TimeoutError as error:
            with translated(NAME):
                raise error

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator[StretchTranscriber]:
        """One call's ear. Nothing is sent before speech begins."""
        form = Form(self.rate, joint_of(language), pcm=True, least_billed=LEAST_BILLED)
        code = vendor_code(Kind.STT, NAME, language) or language

        def stretch() -> AbstractAsyncContextManager["AmazonExchange"]:
            return self._stretch(code, form)

        async with transcribing(NAME, stretch, form) as transcriber:
            yield transcriber

    async def close(self) -> None:
        """Nothing is open but with a call."""
        await self._web.close()

    @asynccontextmanager
    async def _stretch(self, code: str, form: Form) -> AsyncIterator["AmazonExchange"]:
        query = {
            "language-code": code,
            "media-encoding": "pcm",
            "sample-rate": str(form.rate),
            "enable-partial-results-stabilization": "true",
            "partial-results-stability": "high",
        }
        address = await self._signer.address(SERVICE, f"{self._url}?{urlencode(query)}")
        with translated(NAME):
            async with asyncio.timeout(CONNECT_SECONDS):
                socket = await self._web.session.ws_connect(
                    URL(address.replace("http", "ws", 1), encoded=True),
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
                )
        try:
            yield AmazonExchange(socket, form.joint)
        finally:
            await socket.close()


class AmazonExchange:
    """One stretch; see `Exchange`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, joint: str) -> None:
        self._socket = socket
        self._joint = joint
        self._settled: list[str] = []

    async def send(self, audio: bytes, /) -> None:
        """What cannot be sent has a reason, which is read."""
        with suppress(aiohttp.ClientError, ConnectionError):
            await self._socket.send_bytes(encoded(AUDIO, audio))

    async def finish(self) -> None:
        await self.send(b"")

    async def heard(self) -> AsyncGenerator[Heard, None]:
        with translated(NAME):
            async for received in self._socket:
                if received.type is aiohttp.WSMsgType.BINARY:
                    for result in _results(received.data):
                        yield self._understood(result)
        if self._socket.close_code != aiohttp.WSCloseCode.OK:
            raise ProviderUnavailable(NAME, f"closed in mid-stream ({self._socket.close_code})")

    def _understood(self, result: Mapping[str, object]) -> Heard:
        """A partial result comes again, so it is no part of what is settled."""
        match result:
            case {
                "Alternatives": [{"Transcript": str(text), **more}, *_],
                "EndTime": float() | int() as until,
                "IsPartial": bool(is_partial),
            }:
                pass
            case _:
                raise ProviderProtocol(NAME, "a result without a transcript")
        pieces = [*self._settled, text.strip()] if text.strip() else self._settled
        if not is_partial:
            self._settled = pieces
        confidence = None if is_partial else _confidence(more.get("Items"))
        return Heard(self._joint.join(pieces), float(until), confidence)


def _results(message: bytes) -> Sequence[Mapping[str, object]]:
    """The results in a message of the stream. Raises the error it may be instead."""
    event = decoded(message)
    if event is None:
        raise ProviderProtocol(NAME, "a message that is not one of its event stream")
    if event.headers.get(":message-type") != "event":
        raise exception(str(event.headers.get(":exception-type", "")))
    try:
        body = json.loads(event.payload)
    except ValueError:
        body = None
    match body:
        case {"Transcript": {"Results": [*results]}} if all(
            isinstance(each, dict) for each in results
        ):
            return results
        case _:
            raise ProviderProtocol(NAME, "an event without results")


def _confidence(items: object) -> float | None:
    """Amazon's confidence in each word, on the average."""
    if not isinstance(items, list):
        return None
    known = [item.get("Confidence") for item in items if isinstance(item, dict)]
    numbers = [float(each) for each in known if isinstance(each, float | int)]
    return fmean(numbers) if numbers else None
