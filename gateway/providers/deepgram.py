"""Deepgram's Nova over its streaming API (developers.deepgram.com, Live Audio).

One WebSocket per call, mu-law at 8 kHz. Only segments are sent, so only speech is charged; in
between a KeepAlive holds the connection. `Finalize` at a pause asks for what was understood so
far; since every segment ends with one, no result ever spans two segments.

This speaks the documented protocol itself: Deepgram's SDK takes several times the CPU for the same
messages (docs/decisions/0005-what-a-call-costs.md).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import aiohttp
from aiohttp import ClientWebSocketResponse
from pydantic import SecretStr

from gateway.errors import ProviderTimeout, ProviderUnavailable
from gateway.kinds import Kind
from gateway.providers.coverage import vendor_code
from gateway.providers.deepgram_transcriber import NAME, DeepgramTranscriber
from gateway.providers.status import error_of

__all__ = ["NAME", "Deepgram"]

TELEPHONE_RATE = 8000
CONNECT_SECONDS = 5.0
CLOSE_SECONDS = 1.0
LARGEST_MESSAGE = 1 << 22
WITHOUT_SPACES = frozenset({"zh", "ja", "th"})
"""Languages whose pieces are put together as they are."""


class Deepgram:
    """SpeechToText by one of Deepgram's Nova models."""

    name = NAME
    stream_limit = None
    path = "/v1/listen"

    def __init__(
        self, *, api_key: str, model: str, base_url: str, rate: int = TELEPHONE_RATE
    ) -> None:
        """`rate` is another one where ears that need it stand behind this one."""
        self.rate = rate
        self.model = model
        self._url = f"{base_url.rstrip('/')}{self.path}"
        self._key = SecretStr(api_key)

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
        async with self._connected(language, keyterms) as socket:
            joint = "" if language.split("-")[0].lower() in WITHOUT_SPACES else " "
            transcriber = self._transcriber(joint)
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

    def _transcriber(self, joint: str) -> DeepgramTranscriber:
        return DeepgramTranscriber(self.rate, joint)

    def _query(self, language: str) -> list[tuple[str, str]]:
        """What the connection is asked for, besides its audio."""
        return [
            ("language", vendor_code(Kind.STT, NAME, language) or language),
            ("interim_results", "true"),
            ("smart_format", "true"),
            ("endpointing", "300"),
        ]

    @asynccontextmanager
    async def _connected(
        self, language: str, keyterms: Sequence[str]
    ) -> AsyncIterator[ClientWebSocketResponse]:
        """Closing the connection ends the charge; a server that hangs is not waited for."""
        async with aiohttp.ClientSession() as session:
            socket = await self._connect(session, language, keyterms)
            try:
                yield socket
            finally:
                with suppress(TimeoutError):
                    async with asyncio.timeout(CLOSE_SECONDS):
                        await socket.close()

    async def _connect(
        self, session: aiohttp.ClientSession, language: str, keyterms: Sequence[str]
    ) -> ClientWebSocketResponse:
        query = [
            ("model", self.model),
            ("encoding", "mulaw"),
            ("sample_rate", str(self.rate)),
            *self._query(language),
            *(("keyterm", term) for term in keyterms),
        ]
        headers = {"Authorization": f"Token {self._key.get_secret_value()}"}
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await session.ws_connect(
                    self._url, params=query, headers=headers, max_msg_size=LARGEST_MESSAGE
                )
        except TimeoutError:
            raise ProviderTimeout(NAME, "no connection in time") from None
        except aiohttp.WSServerHandshakeError as error:
            raise error_of(NAME, error.status, error.headers or {}) from None
        except (OSError, aiohttp.ClientError) as error:
            raise ProviderUnavailable(NAME, type(error).__name__) from None
