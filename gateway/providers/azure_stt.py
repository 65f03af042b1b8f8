"""Azure's recogniser over its WebSocket protocol (learn.microsoft.com, Speech WebSocket protocol).

Spoken here and not by the Speech SDK: where the service is silent, the SDK's native part keeps a
stream open for ten seconds after it was given up, and lets go of it only by blocking the thread
that asks. The messages are those the SDK sends; its test server is checked with the SDK itself.

A WebSocket carries one turn of the protocol for each stretch of speech, one after the other. It
is opened with the call, so that no handshake sits in a turn.
"""

import asyncio
import json
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import uuid4

import aiohttp
from pydantic import SecretStr

from gateway import __version__
from gateway.errors import (
    ProviderError,
    ProviderProtocol,
    ProviderRateLimited,
    ProviderRefused,
    ProviderUnavailable,
)
from gateway.kinds import Kind
from gateway.providers.azure import NAME
from gateway.providers.base import Json
from gateway.providers.coverage import vendor_code
from gateway.providers.stretch import CLOSE_SECONDS, Form, Heard, joint_of
from gateway.providers.stretches import StretchTranscriber, tasks_of_a_call, transcribing
from gateway.providers.web import Web, translated

PATH = "/speech/recognition/conversation/cognitiveservices/v1"
CONNECT_SECONDS = 3.0
TICKS = 10_000_000
"""A second in Azure's unit of time."""
MULAW, PCM = 7, 1
"""Formats in a WAV header (RFC 2361)."""
CLIENT: Json = {"context": {"system": {"name": "voice-gateway", "version": __version__}}}
FAILURES: Mapping[str, type[ProviderError]] = {
    "Error": ProviderUnavailable,
    "ServiceUnavailable": ProviderUnavailable,
    "TooManyRequests": ProviderRateLimited,
    "BadRequest": ProviderRefused,
    "Forbidden": ProviderRefused,
    "InvalidMessage": ProviderRefused,
}
"""What a phrase may say instead of its text; the others are kinds of silence."""
JSON = {"Content-Type": "application/json; charset=utf-8"}


class AzureEar:
    """SpeechToText at `url`, the region's or your own container's (ws or wss)."""

    name = NAME
    stream_limit = None

    def __init__(self, *, api_key: str, url: str, rate: int) -> None:
        self.rate = rate
        self._key = SecretStr(api_key)
        self._url = url.rstrip("/") + PATH
        self._web = Web()

    async def warm(self) -> None:
        """Open a WebSocket and close it: the key is accepted. Nothing is charged."""
        await (await self.connect("en-US")).close()

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator[StretchTranscriber]:
        """One call's ear; `keyterms` are words to expect. Raises the errors of the HTTP status."""
        form = Form(self.rate, joint_of(language))
        code = vendor_code(Kind.STT, NAME, language) or language
        async with tasks_of_a_call() as tasks:
            line = Line(self, form, code, keyterms, tasks)
            try:
                line.keep(await self.connect(code))
                async with transcribing(NAME, line.turn, form) as transcriber:
                    yield transcriber
            finally:
                await line.close()

    async def close(self) -> None:
        """Nothing is open but with a call."""
        await self._web.close()

    async def connect(self, code: str) -> aiohttp.ClientWebSocketResponse:
        """A new connection that listens to the language `code`, introduced."""
        headers = {
            "Ocp-Apim-Subscription-Key": self._key.get_secret_value(),
            "X-ConnectionId": uuid4().hex,
        }
        with translated(NAME):
            async with asyncio.timeout(CONNECT_SECONDS):
                socket = await self._web.session.ws_connect(
                    self._url,
                    params={"language": code, "format": "detailed"},
                    headers=headers,
                    protocols=("USP",),
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
                )
            await socket.send_str(message("speech.config", CLIENT, JSON))
        return socket


class Line:
    """A call's connections: one as a rule, and another while an answer is still awaited."""

    def __init__(
        self,
        ear: AzureEar,
        form: Form,
        code: str,
        keyterms: Sequence[str],
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._ear = ear
        self._form = form
        self._code = code
        self._context = _context(code, keyterms)
        self._tasks = tasks
        self._idle: dict[aiohttp.ClientWebSocketResponse, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def turn(self) -> AsyncIterator["AzureTurn"]:
        """A turn of the protocol; the connection is used again if it came to its end."""
        socket = await self._connection()
        turn = AzureTurn(socket, self._form)
        try:
            await turn.begin(self._context)
            yield turn
        finally:
            if turn.over and not socket.closed:
                self.keep(socket)
            else:
                await socket.close()

    def keep(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """For the next turn; read meanwhile, since a closing is only seen by who reads."""
        self._idle[socket] = self._tasks.create_task(_idle(socket))

    async def close(self) -> None:
        idle, self._idle = self._idle, {}
        for socket, task in idle.items():
            await _stopped(task)
            await socket.close()

    async def _connection(self) -> aiohttp.ClientWebSocketResponse:
        while self._idle:
            socket, task = self._idle.popitem()
            await _stopped(task)
            if not socket.closed:
                return socket
        return await self._ear.connect(self._code)


async def _idle(socket: aiohttp.ClientWebSocketResponse) -> None:
    with suppress(aiohttp.ClientError, OSError):
        async for _ in socket:
            pass


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait((task,))


class AzureTurn:
    """One stretch; see `Exchange`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, form: Form) -> None:
        self.over = False
        self._socket = socket
        self._form = form
        self._id = uuid4().hex
        self._settled: list[str] = []

    async def begin(self, context: Json) -> None:
        about = {"X-RequestId": self._id, **JSON}
        with suppress(aiohttp.ClientError, ConnectionError):
            await self._socket.send_str(message("speech.context", context, about))
        await self._audio(wav_header(self._form), {"Content-Type": "audio/x-wav"})

    async def send(self, audio: bytes, /) -> None:
        await self._audio(audio, {})

    async def finish(self) -> None:
        await self._audio(b"", {})

    async def heard(self) -> AsyncGenerator[Heard, None]:
        with translated(NAME):
            async for received in self._socket:
                if received.type is not aiohttp.WSMsgType.TEXT:
                    continue
                path, request, body = parsed(received.data)
                if request != self._id:
                    continue
                match path:
                    case "turn.end":
                        self.over = True
                        return
                    case "speech.hypothesis" | "speech.fragment":
                        yield self._understood(body, _string(body, "Text"))
                    case "speech.phrase":
                        if (heard := self._phrase(body)) is not None:
                            yield heard
                    case _:
                        pass
        raise ProviderUnavailable(NAME, f"closed in mid-turn ({self._socket.close_code})")

    def _phrase(self, body: Mapping[str, object]) -> Heard | None:
        """A settled piece of text; None for a kind of silence."""
        status = _string(body, "RecognitionStatus")
        if (failure := FAILURES.get(status)) is not None:
            raise failure(NAME, status)
        if status != "Success":
            return None
        match body.get("NBest"):
            case [{"Display": str(text), "Confidence": float() | int() as confidence}, *_]:
                known: float | None = float(confidence)
            case _:
                text, known = _string(body, "DisplayText"), None
        heard = self._understood(body, text, known)
        if text.strip():
            self._settled.append(text.strip())
        return heard

    def _understood(
        self, body: Mapping[str, object], text: str, confidence: float | None = None
    ) -> Heard:
        until = (_number(body, "Offset") + _number(body, "Duration")) / TICKS
        pieces = [*self._settled, text.strip()] if text.strip() else self._settled
        return Heard(self._form.joint.join(pieces), until, confidence)

    async def _audio(self, audio: bytes, about: Mapping[str, str]) -> None:
        """What cannot be sent has a reason, which is read."""
        headers = head("audio", {"X-RequestId": self._id, "X-StreamId": "1", **about})
        with suppress(aiohttp.ClientError, ConnectionError):
            await self._socket.send_bytes(struct.pack(">H", len(headers)) + headers + audio)


def head(path: str, about: Mapping[str, str]) -> bytes:
    """The headers of a message: names and values by lines."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    headers = {"X-Timestamp": now, "Path": path, **about}
    return "".join(f"{name}:{value}\r\n" for name, value in headers.items()).encode()


def message(path: str, body: Json, about: Mapping[str, str]) -> str:
    """A message of JSON."""
    return f"{head(path, about).decode()}\r\n{json.dumps(body)}"


def parsed(text: str) -> tuple[str, str, Mapping[str, object]]:
    """Path, request and body of a message. Raises ProviderProtocol for what is none."""
    headers, _, content = text.partition("\r\n\r\n")
    fields = dict(line.split(":", 1) for line in headers.split("\r\n") if ":" in line)
    known = {name.strip().lower(): value.strip() for name, value in fields.items()}
    try:
        body = json.loads(content or "{}")
    except ValueError:
        body = None
    if not isinstance(body, dict) or "path" not in known:
        raise ProviderProtocol(NAME, "a message that is not one of its protocol")
    return known["path"].lower(), known.get("x-requestid", ""), body


def wav_header(form: Form) -> bytes:
    """What a stream of audio begins with; sizes are 0, since they are not known yet."""
    kind, width = (MULAW, 1) if form.is_mulaw else (PCM, 2)
    about = struct.pack("<HHIIHH", kind, 1, form.rate, form.rate * width, width, 8 * width)
    return b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + about + b"data\0\0\0\0"


def _context(code: str, keyterms: Sequence[str]) -> Json:
    context: dict[str, Json] = {
        "phraseDetection": {"language": code},
        "audio": {"streams": {"1": None}},
        "phraseOutput": {"format": "Detailed", "detailed": {"options": []}},
    }
    if keyterms:
        items: list[Json] = [{"Text": term} for term in keyterms]
        context["dgi"] = {"Groups": [{"Type": "Generic", "Items": items}], "bias": 1.0}
    return context


def _string(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise ProviderProtocol(NAME, f"a message without its {name}")
    return value


def _number(body: Mapping[str, object], name: str) -> float:
    value = body.get(name)
    if not isinstance(value, int | float):
        raise ProviderProtocol(NAME, f"a message without its {name}")
    return float(value)
