"""Deepgram's own SDK judges the local servers that our providers are tested against."""

import pytest
from deepgram import AsyncDeepgramClient
from deepgram.environment import DeepgramClientEnvironment
from deepgram.listen.v1.types import ListenV1Results
from deepgram.listen.v2.types import ListenV2TurnInfo
from deepgram.speak.v1.types import SpeakV1Flushed, SpeakV1Text

from tests.vendors import deepgram, deepgram_flux, deepgram_voice

# the SDK still takes the first of websockets' two clients
pytestmark = pytest.mark.filterwarnings("ignore:websockets.*deprecated:DeprecationWarning")

SOUND = b"\x90" * 8000
SILENCE = b"\xff" * 8000


def client(address: str) -> AsyncDeepgramClient:
    sockets = address.replace("http", "ws", 1)
    environment = DeepgramClientEnvironment(
        base=address, production=sockets, agent=sockets, agent_rest=address
    )
    return AsyncDeepgramClient(api_key="k", environment=environment)


async def test_nova() -> None:
    async with deepgram.serving("good", "morning") as server:
        connecting = client(server.address).listen.v1.connect(
            model="nova-3", encoding="mulaw", sample_rate=8000, interim_results=True
        )
        async with connecting as socket:
            await socket.send_media(SOUND)
            await socket.send_keep_alive()
            await socket.send_finalize()
            async for message in socket:
                assert isinstance(message, ListenV1Results)
                if message.from_finalize:
                    break
    assert message.is_final
    assert message.channel.alternatives[0].transcript.startswith("good")
    assert server.told == ["KeepAlive", "Finalize"]


async def test_flux() -> None:
    async with deepgram_flux.serving("good", "morning") as server:
        connecting = client(server.address).listen.v2.connect(
            model="flux-general-en", encoding="mulaw", sample_rate=8000
        )
        turns: list[ListenV2TurnInfo] = []
        async with connecting as socket:
            await socket.send_media(SOUND)
            await socket.send_media(SILENCE)
            async for message in socket:
                if isinstance(message, ListenV2TurnInfo):
                    turns.append(message)
                if turns and turns[-1].event == "EndOfTurn":
                    break
    assert turns[0].event == "StartOfTurn"
    assert turns[-1].transcript.startswith("good")


async def test_aura() -> None:
    async with deepgram_voice.serving() as server:
        connecting = client(server.address).speak.v1.connect(
            model="aura-2-thalia-en", encoding="mulaw", sample_rate=8000
        )
        spoken = 0
        async with connecting as socket:
            await socket.send_text(SpeakV1Text(type="Speak", text="Good morning."))
            await socket.send_flush()
            async for message in socket:
                if isinstance(message, bytes):
                    spoken += len(message)
                if isinstance(message, SpeakV1Flushed):
                    break
    assert spoken > 800
