"""Google's speech-to-text as a gRPC service (google.cloud.speech.v2)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import grpc
from google.cloud import speech_v2 as speech

from tests.vendors.conduct import Conduct
from tests.vendors.google import MESSAGE, STATUS, details, rpc_server
from tests.vendors.words import WordsInSound

MOST_AUDIO = 25_600
"""Google refuses more in one message."""
ENCODINGS = speech.ExplicitDecodingConfig.AudioEncoding


@dataclass(slots=True)
class GoogleEarServer:
    """A running one: an interim result for every word, a final one when the audio ends."""

    words: tuple[str, ...]
    conduct: Conduct = field(default_factory=Conduct)
    address: str = ""
    configs: list[speech.StreamingRecognizeRequest] = field(default_factory=list)
    heard_seconds: float = 0.0
    open: int = 0
    server: grpc.aio.Server | None = None

    async def stop(self) -> None:
        assert self.server is not None
        await self.server.stop(None)

    async def recognize(
        self,
        requests: AsyncIterator[speech.StreamingRecognizeRequest],
        context: grpc.aio.ServicerContext,
    ) -> AsyncIterator[speech.StreamingRecognizeResponse]:
        self.open += 1
        try:
            await self._refuse(context)
            async for response in self._listen(requests, context):
                yield response
        except asyncio.CancelledError:
            self.conduct.abandoned.set()
            raise
        finally:
            self.open -= 1

    async def recognizers(
        self, _request: speech.ListRecognizersRequest, context: grpc.aio.ServicerContext
    ) -> speech.ListRecognizersResponse:
        await self._refuse(context)
        return speech.ListRecognizersResponse()

    async def _listen(
        self,
        requests: AsyncIterator[speech.StreamingRecognizeRequest],
        context: grpc.aio.ServicerContext,
    ) -> AsyncIterator[speech.StreamingRecognizeResponse]:
        first = await anext(aiter(requests))
        self.configs.append(first)
        decoding = first.streaming_config.config.explicit_decoding_config
        width = 1 if decoding.encoding == ENCODINGS.MULAW else 2
        hearing = WordsInSound(self.words, decoding.sample_rate_hertz, width)
        sent = 0
        async for request in requests:
            if len(request.audio) > MOST_AUDIO:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, MESSAGE)
            self.heard_seconds += len(request.audio) / width / decoding.sample_rate_hertz
            if hearing.hear(request.audio):
                if self.conduct.cuts(sent):
                    await context.abort(grpc.StatusCode.UNAVAILABLE, MESSAGE)
                sent += 1
                yield _results(hearing, is_final=False)
        await asyncio.sleep(self.conduct.drip)
        if self.conduct.cuts(sent):
            await context.abort(grpc.StatusCode.UNAVAILABLE, MESSAGE)
        yield _results(hearing, is_final=True)

    async def _refuse(self, context: grpc.aio.ServicerContext) -> None:
        metadata = {str(key): str(value) for key, value in context.invocation_metadata() or ()}
        self.conduct.keys.append(metadata["authorization"])
        await asyncio.sleep(self.conduct.delay)
        if self.conduct.status in STATUS:
            code = STATUS[self.conduct.status]
            await context.abort(code, MESSAGE, details(code, self.conduct.retry_after))


def _results(hearing: WordsInSound, *, is_final: bool) -> speech.StreamingRecognizeResponse:
    best = speech.SpeechRecognitionAlternative(
        transcript=hearing.text, confidence=0.9 if is_final and hearing.heard else 0.0
    )
    result = speech.StreamingRecognitionResult(
        alternatives=[best],
        is_final=is_final,
        result_end_offset=timedelta(seconds=hearing.seconds),
    )
    return speech.StreamingRecognizeResponse(results=[result] if hearing.heard else [])


@asynccontextmanager
async def serving(*words: str) -> AsyncIterator[GoogleEarServer]:
    """A server on a port of its own that hears `words` in every stream."""
    served = GoogleEarServer(words)
    handlers = {
        "StreamingRecognize": grpc.stream_stream_rpc_method_handler(
            served.recognize,
            speech.StreamingRecognizeRequest.deserialize,
            speech.StreamingRecognizeResponse.serialize,
        ),
        "ListRecognizers": grpc.unary_unary_rpc_method_handler(
            served.recognizers,
            speech.ListRecognizersRequest.deserialize,
            speech.ListRecognizersResponse.serialize,
        ),
    }
    service = "google.cloud.speech.v2.Speech"
    server = served.server = rpc_server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    served.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        yield served
    finally:
        await server.stop(None)
