"""The ears of the conformance suite: for each its vendor's local server, and how it is made."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

import grpc
from google.cloud import speech_v2 as speech
from google.cloud.speech_v2.services.speech.transports import SpeechGrpcAsyncIOTransport

from gateway.providers.alibaba import Alibaba
from gateway.providers.amazon import Credentials, Signer
from gateway.providers.amazon_stt import AmazonEar
from gateway.providers.azure_stt import AzureEar
from gateway.providers.base import SpeechToText
from gateway.providers.deepgram import Deepgram
from gateway.providers.deepgram_flux import TAIL_SECONDS, Flux
from gateway.providers.google_rpc import OPTIONS, Access
from gateway.providers.google_stt import GoogleEar
from gateway.providers.openai_ear import UploadEar
from tests.vendors import (
    alibaba,
    amazon_stt,
    azure_stt,
    deepgram,
    deepgram_flux,
    google_stt,
    openai_audio,
)
from tests.vendors.aws_signature import SECRET
from tests.vendors.conduct import VendorServer

KEY = "sk-very-secret"


class EarServer(VendorServer, Protocol):
    """Hears the next of its words in every `SECONDS_PER_WORD` of sound (not of silence)."""

    @property
    def heard_seconds(self) -> float: ...


class CloudEar(SpeechToText, Protocol):
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Ear:
    """`make` takes the server's address and the rate; `nonsense` is what no ear can understand.

    `deadlines` names constants that bound the time to a connection or an answer. `streams` says
    that interim results come while the caller speaks, `tail` how many seconds of silence are sent
    after a segment, `alone` that the server hears its first
    word again after every pause, because what comes then is another request.
    """

    serving: Callable[..., AbstractAsyncContextManager[EarServer]]
    make: Callable[[str, int], CloudEar]
    nonsense: tuple[str, ...]
    deadlines: tuple[str, ...]
    streams: bool = True
    joint: str = " "
    alone: bool = False
    tail: float = 0.0
    rates: tuple[int, ...] = (8_000, 16_000)


def _deepgram(address: str, rate: int) -> CloudEar:
    return Deepgram(api_key=KEY, model="nova-3", base_url=address, rate=rate)


def _google(address: str, rate: int) -> CloudEar:
    def connect() -> Access[speech.SpeechAsyncClient]:
        transport = SpeechGrpcAsyncIOTransport(channel=grpc.aio.insecure_channel(address, OPTIONS))
        shown = (("authorization", f"Bearer {KEY}"),)
        return Access(speech.SpeechAsyncClient(transport=transport), "project", lambda: shown)

    return GoogleEar(connect, model="telephony", rate=rate)


def _azure(address: str, rate: int) -> CloudEar:
    return AzureEar(api_key=KEY, url=address, rate=rate)


def _amazon(address: str, rate: int) -> CloudEar:
    signer = Signer("eu-west-1", lambda: Credentials(KEY, SECRET, "token"))
    return AmazonEar(signer, url=address, rate=rate)


STRETCHES = (
    "gateway.providers.stretches.CONNECT_SECONDS",
    "gateway.providers.stretches.FINAL_SECONDS",
)


def _flux(address: str, rate: int) -> CloudEar:
    return Flux(api_key=KEY, model="flux-general-en", base_url=address, rate=rate)


def _alibaba(address: str, rate: int) -> CloudEar:
    return Alibaba(api_key=KEY, model="paraformer-realtime-v2", base_url=address, rate=rate)


def _upload(name: str) -> Callable[[str, int], CloudEar]:
    def make(address: str, rate: int) -> CloudEar:
        return UploadEar(name, api_key=KEY, model="m", base_url=f"{address}/v1", rate=rate)

    return make


def _uploads(name: str) -> Ear:
    return Ear(
        openai_audio.serving,
        _upload(name),
        nonsense=("{oops", '{"txt": "private words"}', "7"),
        deadlines=("gateway.providers.uploads.ANSWER_SECONDS",),
        streams=False,
    )


EARS: Mapping[str, Ear] = {
    "deepgram": Ear(
        deepgram.serving,
        _deepgram,
        nonsense=(
            '{"type": "Results", "start": 0, "duration": 1, "channel": {"alternatives": []}}',
            '{"type": "Error", "description": "private words", "code": "1"}',
        ),
        deadlines=("gateway.providers.deepgram.CONNECT_SECONDS",),
    ),
    "deepgram flux": Ear(
        deepgram_flux.serving,
        _flux,
        nonsense=(
            '{"type": "TurnInfo", "event": "Update"}',
            '{"type": "Error", "description": "private words", "code": "1"}',
            "{oops",
        ),
        deadlines=(
            "gateway.providers.deepgram.CONNECT_SECONDS",
            "gateway.providers.deepgram_flux.FINAL_SECONDS",
        ),
        tail=TAIL_SECONDS,
    ),
    "alibaba": Ear(
        alibaba.serving,
        _alibaba,
        nonsense=(
            "{oops",
            '{"header": {"task_id": "TASK", "event": "result-generated"}, "payload": {}}',
            '{"header": {"task_id": "TASK", "event": "task-failed", "error_code": "Internal",'
            ' "error_message": "private words"}}',
        ),
        deadlines=(
            *STRETCHES,
            "gateway.providers.lines.CONNECT_SECONDS",
            "gateway.providers.alibaba.STARTED_SECONDS",
        ),
        alone=True,
    ),
    "openai": _uploads("openai"),
    "groq": _uploads("groq"),
    "google": Ear(google_stt.serving, _google, nonsense=(), deadlines=STRETCHES, alone=True),
    "azure": Ear(
        azure_stt.serving,
        _azure,
        nonsense=(
            "private words",
            '{"RecognitionStatus": "Error", "Offset": 0, "Duration": 0}',
            '{"RecognitionStatus": 7}',
        ),
        deadlines=(*STRETCHES, "gateway.providers.azure_stt.CONNECT_SECONDS"),
        alone=True,
    ),
    "amazon": Ear(
        amazon_stt.serving,
        _amazon,
        nonsense=(
            "private words",
            '{"Transcript": {"Results": [{"Alternatives": []}]}}',
            '{"Transcript": {"Results": [7]}}',
        ),
        deadlines=(*STRETCHES, "gateway.providers.amazon_stt.CONNECT_SECONDS"),
        alone=True,
    ),
}
