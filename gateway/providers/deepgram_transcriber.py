"""What is said on one WebSocket to Deepgram, and what its answers mean."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import aiohttp
import numpy as np
from aiohttp import ClientWebSocketResponse, WSMessage, WSMsgType
from pydantic_core import from_json

from gateway.errors import ProviderError, ProviderProtocol, ProviderUnavailable
from gateway.providers.base import Expectation, Samples, Transcript
from gateway.providers.results import Results
from rtp.g711 import encode_mulaw

NAME = "deepgram"
KEEP_ALIVE_SECONDS = 4.0
"""Deepgram hangs up after ten seconds without audio."""
MOST_UNSENT_SECONDS = 30
SAME_TIME = 1e-4
"""Deepgram's times are sums of floats: less than a sample apart is the same."""
MOST_KNOWN = 64
CHUNK_SECONDS = 0.1
"""Deepgram recommends 20 to 250 ms a message. A pause sends what there is, so no answer waits."""
KEEP_ALIVE = '{"type": "KeepAlive"}'
FINALIZE = '{"type": "Finalize"}'


@dataclass(slots=True)
class Segment:
    """What is known of one segment. Times are seconds of what was sent on this connection."""

    number: int
    began: float
    settled: list[str] = field(default_factory=list)
    settled_until: float = 0.0
    ended: float | None = None
    asked: int = 0
    """Finalize messages that were not answered yet."""

    @property
    def is_final(self) -> bool:
        """Deepgram will say no more: all that was sent is settled."""
        return self.ended is not None and self.settled_until >= self.ended - SAME_TIME


@dataclass(frozen=True, slots=True)
class Begin:
    segment: int


@dataclass(frozen=True, slots=True)
class Finalize:
    ends: bool


class DeepgramTranscriber:
    """One call's ear; see `Transcriber`. `joint` stands between pieces of text."""

    def __init__(self, rate: int, joint: str) -> None:
        self._rate = rate
        self.dropped_seconds = 0.0
        self._joint = joint
        self._segments = 0
        self._is_open = False
        self._chunk: list[Samples] = []
        self._chunk_samples = 0
        self._unsent: deque[bytes | Begin | Finalize] = deque()
        self._unsent_samples = 0
        self._something_to_send = asyncio.Event()
        self._sent = 0
        self._known: deque[Segment] = deque(maxlen=MOST_KNOWN)
        self._results = Results()

    def expect(self, expected: Expectation | None, /) -> None:
        """Deepgram takes hints for a whole connection only."""

    def begin(self) -> int:
        self.end()
        self._segments += 1
        self._is_open = True
        self._put(Begin(self._segments))
        return self._segments

    def feed(self, samples: Samples, /) -> None:
        if not self._is_open:
            return
        self._chunk.append(samples)
        self._chunk_samples += len(samples)
        if self._chunk_samples >= CHUNK_SECONDS * self._rate:
            self._cut()

    def pause(self) -> None:
        if self._is_open:
            self._cut()
            self._put(Finalize(ends=False))

    def end(self) -> None:
        if self._is_open:
            self._is_open = False
            self._cut()
            self._put(Finalize(ends=True))

    def transcripts(self) -> AsyncIterator[Transcript]:
        return self._results.read()

    def close(self) -> None:
        """`transcripts` ends."""
        self._results.close()

    async def tell(self, socket: ClientWebSocketResponse) -> None:
        """Send what is to be sent, until cancelled; the loss of the connection is a result."""
        try:
            while True:
                while self._unsent:
                    await self._send(socket, self._unsent.popleft())
                self._something_to_send.clear()
                try:
                    async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                        await self._something_to_send.wait()
                except TimeoutError:
                    await self._keep_alive(socket)
        except (OSError, aiohttp.ClientError) as error:
            self._results.put(
                ProviderUnavailable(NAME, f"connection lost ({type(error).__name__})")
            )

    async def told(self, socket: ClientWebSocketResponse) -> None:
        """Take what Deepgram says, until cancelled; the loss of the connection is a result."""
        try:
            async for message in socket:
                self._take(message)
        except ProviderError as error:
            self._results.put(error)
        else:
            cause = socket.exception()
            why = "Deepgram ended the stream" if cause is None else type(cause).__name__
            self._results.put(ProviderUnavailable(NAME, f"connection lost ({why})"))

    async def _keep_alive(self, socket: ClientWebSocketResponse) -> None:
        await socket.send_str(KEEP_ALIVE)

    async def _send(self, socket: ClientWebSocketResponse, what: bytes | Begin | Finalize) -> None:
        match what:
            case bytes():
                self._unsent_samples -= len(what)
                self._sent += len(what)
                await socket.send_bytes(what)
            case Begin(number):
                began = self._sent / self._rate
                self._known.append(Segment(number, began, settled_until=began))
            case Finalize(ends):
                await self._finalize(socket, self._known[-1], ends=ends)

    async def _finalize(
        self, socket: ClientWebSocketResponse, segment: Segment, *, ends: bool
    ) -> None:
        if ends:
            segment.ended = self._sent / self._rate
        if segment.settled_until < self._sent / self._rate:
            segment.asked += 1
            await socket.send_str(FINALIZE)
        elif ends:
            self._publish(segment, self._joint.join(segment.settled), segment.settled_until, None)

    def _take(self, message: WSMessage) -> None:
        match told := told_by(message):
            case {"type": "Results"}:
                self._understood(told)
            case _:
                pass

    def _understood(self, results: Mapping[str, object]) -> None:
        match results:
            case {
                "start": float() | int() as start,
                "duration": float() | int() as duration,
                "channel": {
                    "alternatives": [
                        {"transcript": str() as text, "confidence": float() | int() as confidence},
                        *_,
                    ]
                },
            }:
                text, until = text.strip(), start + duration
            case _:
                raise ProviderProtocol(NAME, "results without a transcript")
        if (segment := self._segment_at(start)) is None:
            return
        pieces = [*segment.settled, text] if text else segment.settled
        if results.get("is_final"):
            segment.settled = pieces
            segment.settled_until = until
            if results.get("from_finalize"):
                segment.asked -= 1
                if segment.ended is not None and segment.asked <= 0:
                    segment.settled_until = max(until, segment.ended)
        self._publish(segment, self._joint.join(pieces), until, confidence if text else None)

    def _segment_at(self, start: float) -> Segment | None:
        """The segment in which a result belongs that begins `start` seconds into the stream."""
        begun = [each for each in self._known if each.began <= start + SAME_TIME]
        return begun[-1] if begun else None

    def _publish(self, segment: Segment, text: str, until: float, confidence: float | None) -> None:
        end = max(until - segment.began, 0.0)
        self._results.put(Transcript(text, segment.number, end, segment.is_final, confidence))

    def _cut(self) -> None:
        """What was fed since the last chunk is one."""
        if not self._chunk:
            return
        chunk, self._chunk, self._chunk_samples = self._chunk, [], 0
        audio = encode_mulaw(np.concatenate(chunk)).tobytes()
        self._unsent_samples += len(audio)
        self._put(audio)
        while self._unsent_samples > MOST_UNSENT_SECONDS * self._rate:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        for index, what in enumerate(self._unsent):
            if isinstance(what, bytes):
                del self._unsent[index]
                self._unsent_samples -= len(what)
                self.dropped_seconds += len(what) / self._rate
                return

    def _put(self, what: bytes | Begin | Finalize) -> None:
        if not self._results.closed:
            self._unsent.append(what)
            self._something_to_send.set()


def told_by(message: WSMessage) -> Mapping[str, object]:
    """The fields of a message of Deepgram's (JSON); none for what is no text or no object. Raises
    ProviderProtocol for what cannot be read, ProviderUnavailable where Deepgram tells an error."""
    if message.type is not WSMsgType.TEXT:
        return {}
    try:
        told = from_json(message.data)
    except ValueError:
        raise ProviderProtocol(NAME, "a message that is no JSON") from None
    match told:
        case {"type": "Error"}:
            raise ProviderUnavailable(NAME, "Deepgram reported an error")
        case dict():
            return told
        case _:
            return {}
