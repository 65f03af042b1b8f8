"""Deepgram's Nova over its streaming API (developers.deepgram.com, Live Audio).

One WebSocket per call, mu-law at 8 kHz. Only segments are sent, so only speech is charged; in
between a KeepAlive holds the connection. `Finalize` at a pause asks for what was understood so
far; since every segment ends with one, no result ever spans two segments.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

from deepgram import AsyncDeepgramClient
from deepgram.core.api_error import ApiError
from deepgram.environment import DeepgramClientEnvironment
from deepgram.listen.v1.socket_client import AsyncV1SocketClient, V1SocketClientResponse
from deepgram.listen.v1.types.listen_v1error import ListenV1Error
from deepgram.listen.v1.types.listen_v1results import ListenV1Results
from websockets.exceptions import WebSocketException

from gateway.errors import (
    ProviderError,
    ProviderProtocol,
    ProviderTimeout,
    ProviderUnavailable,
)
from gateway.kinds import Kind
from gateway.providers.base import Expectation, Samples, Transcript
from gateway.providers.coverage import vendor_code
from gateway.providers.status import error_of
from rtp.g711 import encode_mulaw

NAME = "deepgram"
TELEPHONE_RATE = 8000
CONNECT_SECONDS = 5.0
CLOSE_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 4.0
"""Deepgram hangs up after ten seconds without audio."""
MOST_UNSENT_SECONDS = 30
SAME_TIME = 1e-4
"""Deepgram's times are sums of floats: less than a sample apart is the same."""
MOST_UNREAD = 64
WITHOUT_SPACES = frozenset({"zh", "ja", "th"})
"""Languages whose pieces are put together as they are."""


class Deepgram:
    """SpeechToText by one of Deepgram's Nova models."""

    name = NAME
    stream_limit = None

    def __init__(
        self, *, api_key: str, model: str, base_url: str, rate: int = TELEPHONE_RATE
    ) -> None:
        """`rate` is another one where ears that need it stand behind this one."""
        self.rate = rate
        self.model = model
        sockets = base_url.replace("http", "ws", 1)
        self._client = AsyncDeepgramClient(
            api_key=api_key,
            environment=DeepgramClientEnvironment(
                base=base_url, production=sockets, agent=sockets, agent_rest=base_url
            ),
        )

    async def warm(self) -> None:
        """Open a stream and close it: the key and the model are accepted. Nothing is charged."""
        async with self.open(language="en-US"):
            pass

    async def close(self) -> None:
        """Each call has a connection of its own."""

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator["DeepgramTranscriber"]:
        """One call's ear; `keyterms` are words to expect. Raises ProviderRefused for a language
        that the model does not know, and the other errors of the HTTP status."""
        async with AsyncExitStack() as stack:
            socket = await self._connect(stack, language, keyterms)
            joint = "" if language.split("-")[0].lower() in WITHOUT_SPACES else " "
            transcriber = DeepgramTranscriber(self.rate, joint)
            try:
                async with asyncio.TaskGroup() as tasks:
                    work = [
                        tasks.create_task(transcriber.told(socket)),
                        tasks.create_task(transcriber.tell(socket)),
                    ]
                    try:
                        yield transcriber
                    finally:
                        transcriber.close()
                        for task in work:
                            task.cancel()
            except BaseExceptionGroup as group:
                # the call's own error goes through as it came, not as a group of one
                raise group.exceptions[0] from group.exceptions[0].__cause__

    async def _connect(
        self, stack: AsyncExitStack, language: str, keyterms: Sequence[str]
    ) -> AsyncV1SocketClient:
        connecting = self._client.listen.v1.connect(
            model=self.model,
            encoding="mulaw",
            sample_rate=self.rate,
            language=vendor_code(Kind.STT, NAME, language) or language,
            interim_results=True,
            smart_format=True,
            endpointing=300,
            keyterm=list(keyterms) or None,
        )
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                socket: AsyncV1SocketClient = await connecting.__aenter__()
        except TimeoutError:
            raise ProviderTimeout(NAME, "no connection in time") from None
        except ApiError as error:
            # the SDK's error holds what we sent; what came back is in the one before it
            answer = getattr(error.__context__, "headers", {})
            raise error_of(NAME, error.status_code or 500, answer) from None
        except (OSError, WebSocketException) as error:
            raise ProviderUnavailable(NAME, type(error).__name__) from None

        @stack.push_async_callback
        async def hang_up() -> None:
            """Closing the connection ends the charge; a server that hangs is not waited for."""
            with suppress(TimeoutError, OSError, WebSocketException):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await connecting.__aexit__(None, None, None)

        return socket


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
        self._unsent: deque[bytes | Begin | Finalize] = deque()
        self._unsent_samples = 0
        self._something_to_send = asyncio.Event()
        self._sent = 0
        self._known: deque[Segment] = deque(maxlen=MOST_UNREAD)
        self._results: deque[Transcript | ProviderError] = deque(maxlen=MOST_UNREAD)
        self._something_to_read = asyncio.Event()
        self._closed = False

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
        self._unsent_samples += len(samples)
        self._put(encode_mulaw(samples).tobytes())
        while self._unsent_samples > MOST_UNSENT_SECONDS * self._rate:
            self._drop_oldest()

    def pause(self) -> None:
        if self._is_open:
            self._put(Finalize(ends=False))

    def end(self) -> None:
        if self._is_open:
            self._is_open = False
            self._put(Finalize(ends=True))

    async def transcripts(self) -> AsyncIterator[Transcript]:
        while True:
            while self._results:
                result = self._results.popleft()
                if isinstance(result, ProviderError):
                    raise result
                yield result
            if self._closed:
                return
            self._something_to_read.clear()
            await self._something_to_read.wait()

    def close(self) -> None:
        """`transcripts` ends."""
        self._closed = True
        self._something_to_read.set()

    async def tell(self, socket: AsyncV1SocketClient) -> None:
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
                    await socket.send_keep_alive()
        except (OSError, WebSocketException) as error:
            self._lose(ProviderUnavailable(NAME, f"connection lost ({type(error).__name__})"))

    async def told(self, socket: AsyncV1SocketClient) -> None:
        """Take what Deepgram says, until cancelled; the loss of the connection is a result."""
        try:
            async for message in socket:
                self._take(message)
        except (OSError, WebSocketException) as error:
            self._lose(ProviderUnavailable(NAME, f"connection lost ({type(error).__name__})"))
        except ProviderError as error:
            self._lose(error)
        else:
            self._lose(ProviderUnavailable(NAME, "Deepgram ended the stream"))

    async def _send(self, socket: AsyncV1SocketClient, what: bytes | Begin | Finalize) -> None:
        match what:
            case bytes():
                self._unsent_samples -= len(what)
                self._sent += len(what)
                await socket.send_media(what)
            case Begin(number):
                began = self._sent / self._rate
                self._known.append(Segment(number, began, settled_until=began))
            case Finalize(ends):
                await self._finalize(socket, self._known[-1], ends=ends)

    async def _finalize(self, socket: AsyncV1SocketClient, segment: Segment, *, ends: bool) -> None:
        if ends:
            segment.ended = self._sent / self._rate
        if segment.settled_until < self._sent / self._rate:
            segment.asked += 1
            await socket.send_finalize()
        elif ends:
            self._publish(segment, self._joint.join(segment.settled), segment.settled_until, None)

    def _take(self, message: V1SocketClientResponse) -> None:
        match message:
            case ListenV1Results():
                self._understood(message)
            case ListenV1Error():
                raise ProviderUnavailable(NAME, "Deepgram reported an error")
            case _:
                pass

    def _understood(self, results: ListenV1Results) -> None:
        try:
            best = results.channel.alternatives[0]
            text, confidence = str(best.transcript).strip(), float(best.confidence)
            start, until = float(results.start), float(results.start + results.duration)
        except (AttributeError, IndexError, TypeError, ValueError):
            # the SDK does not check what it reads
            raise ProviderProtocol(NAME, "results without a transcript") from None
        if (segment := self._segment_at(start)) is None:
            return
        pieces = [*segment.settled, text] if text else segment.settled
        if results.is_final:
            segment.settled = pieces
            segment.settled_until = until
            if results.from_finalize:
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
        self._results.append(Transcript(text, segment.number, end, segment.is_final, confidence))
        self._something_to_read.set()

    def _drop_oldest(self) -> None:
        for index, what in enumerate(self._unsent):
            if isinstance(what, bytes):
                del self._unsent[index]
                self._unsent_samples -= len(what)
                self.dropped_seconds += len(what) / self._rate
                return

    def _put(self, what: bytes | Begin | Finalize) -> None:
        if not self._closed:
            self._unsent.append(what)
            self._something_to_send.set()

    def _lose(self, error: ProviderError) -> None:
        self._results.append(error)
        self._something_to_read.set()
