"""Google's text-to-speech as a gRPC service (google.cloud.texttospeech.v1)."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import grpc
from google.cloud import texttospeech_v1 as texttospeech
from google.protobuf import any_pb2
from google.protobuf.duration_pb2 import Duration
from google.rpc import status_pb2
from google.rpc.error_details_pb2 import RetryInfo

from tests.vendors.conduct import Conduct
from tests.vendors.sound import spoken

STATUS = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    402: grpc.StatusCode.PERMISSION_DENIED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    500: grpc.StatusCode.INTERNAL,
    503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
}
MESSAGE = "private words"
MOST_STREAMS = 100
"""Google allows so many at a time on one connection."""


def details(code: grpc.StatusCode, retry_after: float | None) -> tuple[tuple[str, bytes], ...]:
    """google.rpc.Status in the trailers, as Google says when to come again."""
    if retry_after is None:
        return ()
    again = any_pb2.Any()
    delay = Duration()
    delay.FromTimedelta(timedelta(seconds=retry_after))
    again.Pack(RetryInfo(retry_delay=delay))
    status = status_pb2.Status(code=code.value[0], message=MESSAGE, details=[again])
    return (("grpc-status-details-bin", status.SerializeToString()),)


@dataclass(slots=True)
class GoogleServer:
    """A running one: every character sounds for 80 ms, by a byte of its own."""

    conduct: Conduct = field(default_factory=Conduct)
    address: str = ""
    configs: list[texttospeech.StreamingSynthesizeConfig] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    open: int = 0
    peers: set[str] = field(default_factory=set)
    """Connections that streams came over."""
    server: grpc.aio.Server | None = None
    hasty: bool = False
    """Refuses before it has read anything."""

    async def stop(self) -> None:
        assert self.server is not None
        await self.server.stop(None)

    def sound(self, text: str) -> Iterable[bytes]:
        """What the chunks of `text` are."""
        return spoken(text)

    async def synthesize(
        self,
        requests: AsyncIterator[texttospeech.StreamingSynthesizeRequest],
        context: grpc.aio.ServicerContext,
    ) -> AsyncIterator[texttospeech.StreamingSynthesizeResponse]:
        self.open += 1
        self.peers.add(context.peer())
        try:
            if self.hasty:
                await self._refuse(context)
            async for request in requests:
                if "streaming_config" in request:
                    self.configs.append(request.streaming_config)
                else:
                    self.texts.append(request.input.text)
                    await self._refuse(context)
                    async for response in self._speak(request.input.text, context):
                        yield response
        except asyncio.CancelledError:
            self.conduct.abandoned.set()
            raise
        finally:
            self.open -= 1

    async def voices(
        self, _request: texttospeech.ListVoicesRequest, context: grpc.aio.ServicerContext
    ) -> texttospeech.ListVoicesResponse:
        await self._refuse(context)
        return texttospeech.ListVoicesResponse()

    async def _speak(
        self, text: str, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[texttospeech.StreamingSynthesizeResponse]:
        for sent, chunk in enumerate(self.sound(text)):
            if self.conduct.cuts(sent):
                await context.abort(grpc.StatusCode.UNAVAILABLE, MESSAGE)
            await asyncio.sleep(self.conduct.drip)
            yield texttospeech.StreamingSynthesizeResponse(audio_content=chunk)

    async def _refuse(self, context: grpc.aio.ServicerContext) -> None:
        await asyncio.sleep(self.conduct.delay)
        if self.conduct.status in STATUS:
            code = STATUS[self.conduct.status]
            await context.abort(code, MESSAGE, details(code, self.conduct.retry_after))


def rpc_server() -> grpc.aio.Server:
    """A server of Google's that serves nothing yet."""
    return grpc.aio.server(options=[("grpc.max_concurrent_streams", MOST_STREAMS)])


@asynccontextmanager
async def serving(
    served: GoogleServer | None = None, tls: grpc.ServerCredentials | None = None
) -> AsyncIterator[GoogleServer]:
    """`served`, or one as it is, on a port of its own."""
    served = served or GoogleServer()
    handlers = {
        "StreamingSynthesize": grpc.stream_stream_rpc_method_handler(
            served.synthesize,
            texttospeech.StreamingSynthesizeRequest.deserialize,
            texttospeech.StreamingSynthesizeResponse.serialize,
        ),
        "ListVoices": grpc.unary_unary_rpc_method_handler(
            served.voices,
            texttospeech.ListVoicesRequest.deserialize,
            texttospeech.ListVoicesResponse.serialize,
        ),
    }
    service = "google.cloud.texttospeech.v1.TextToSpeech"
    server = served.server = rpc_server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    free = "127.0.0.1:0"
    port = server.add_insecure_port(free) if tls is None else server.add_secure_port(free, tls)
    served.address = f"127.0.0.1:{port}"
    await server.start()
    try:
        yield served
    finally:
        await server.stop(None)
