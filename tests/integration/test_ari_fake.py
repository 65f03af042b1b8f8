"""The fake Asterisk of the unit tests does what the real one does: same scripts, same outcomes."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

import pytest

from gateway.ari.client import AriClient
from gateway.ari.events import (
    BridgeDestroyed,
    ChannelDestroyed,
    Connected,
    Event,
    StasisStart,
)
from gateway.ari.settings import AriSettings
from gateway.errors import AriError
from gateway.lab.asterisk import PrivateAsterisk
from tests.fakes.asterisk import FakeAsterisk

APP = "faithful"
Script = Callable[[AriClient, AsyncIterator[Event]], Awaitable[object]]


@pytest.fixture
async def fake() -> AsyncIterator[FakeAsterisk]:
    async with FakeAsterisk() as fake:
        yield fake


async def outcomes(script: Script, real: PrivateAsterisk, fake: FakeAsterisk) -> list[object]:
    """What the script returns at the real one and at the fake."""
    both = (
        AriSettings(real.ari_url, real.username, real.password, APP),
        AriSettings(fake.url, fake.username, fake.password, APP),
    )
    results = []
    for settings in both:
        async with AriClient(settings) as ari, aclosing(ari.events()) as events:
            assert isinstance(await anext(events), Connected)
            results.append(await script(ari, events))
    return results


async def refused(operation: Awaitable[object]) -> tuple[str, int | None, str]:
    """The error an operation ends in: its kind, status and Asterisk's words."""
    try:
        await operation
    except AriError as error:
        return type(error).__name__, error.status, error.message
    return "accepted", None, ""


async def told(events: AsyncIterator[Event], last: type[Event]) -> list[str]:
    """The names of events up to the first of `last`."""
    names = []
    async with asyncio.timeout(60):
        async for event in events:
            names.append(type(event).__name__)
            if isinstance(event, last):
                break
    return names


def udp() -> str:
    """An address nobody listens at."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


async def refusals(ari: AriClient, _: AsyncIterator[Event]) -> object:
    channels, bridges = ari.channels, ari.bridges
    await bridges.create_with_id("faithful-bridge")
    seen = [
        await refused(channels.get("nobody")),
        await refused(channels.answer("nobody")),
        await refused(channels.hangup("nobody")),
        await refused(channels.continue_in_dialplan("nobody")),
        await refused(channels.get_channel_var("nobody", "X")),
        await refused(channels.set_channel_var("nobody", "X", "1")),
        await refused(channels.originate("PJSIP/nobody", app=APP)),
        await refused(channels.external_media(app=APP, external_host=udp(), format="nonsense")),
        await refused(bridges.get("nothing")),
        await refused(bridges.destroy("nothing")),
        await refused(bridges.add_channel("nothing", channel=["nobody"])),
        await refused(bridges.add_channel("faithful-bridge", channel=["nobody"])),
        await refused(bridges.create_with_id("faithful-bridge")),
        await refused(ari.applications.get("nothing")),
        await refused(ari.applications.filter("nothing", disallowed=["Dial"])),
        await refused(ari.applications.subscribe(APP, event_source=["channel:nobody"])),
        await refused(ari.applications.subscribe(APP, event_source=["nonsense"])),
        await refused(ari.asterisk.get_module("nothing.so")),
        await refused(ari.endpoints.get("PJSIP", "nobody")),
    ]
    await bridges.destroy("faithful-bridge")
    return seen


async def life_of_a_media_channel(ari: AriClient, events: AsyncIterator[Event]) -> object:
    seen: list[object] = []
    channel = await ari.channels.external_media(
        app=APP, external_host=udp(), format="ulaw", channel_id="faithful-media-10"
    )
    seen += [channel.technology, channel.state, channel.media_address is not None]
    seen += await told(events, StasisStart)
    seen += [
        await refused(
            ari.channels.external_media(
                app=APP, external_host=udp(), format="ulaw", channel_id="Faithful-Media-1"
            )
        ),
        await refused(ari.channels.hangup(channel.id, reason="busy", reason_code=17)),
    ]
    bridge = await ari.bridges.create_with_id("faithful-bridge", name=APP)
    seen += [bridge.name, bridge.bridge_type, bridge.technology, bridge.creator]
    await ari.bridges.add_channel("faithful-bridge", channel=[channel.id])
    application = await ari.applications.get(APP)
    seen += [application.channel_ids, application.bridge_ids]
    await ari.applications.subscribe(APP, event_source=["bridge:faithful-bridge"])
    await ari.bridges.destroy("faithful-bridge")
    seen += await told(events, BridgeDestroyed)
    await ari.channels.hangup(channel.id)
    seen += await told(events, ChannelDestroyed)
    return seen


async def an_unknown_application(ari: AriClient, _events: AsyncIterator[Event]) -> object:
    """Accepted, and then the channel is gone."""
    channel = await ari.channels.external_media(
        app="nobody-registers-this", external_host=udp(), format="ulaw"
    )
    async with asyncio.timeout(60):
        while (told := await refused(ari.channels.get(channel.id)))[0] == "accepted":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return told


async def variables(ari: AriClient, events: AsyncIterator[Event]) -> object:
    channel = await ari.channels.external_media(
        app=APP, external_host=udp(), format="ulaw", variables={"A": "b", "C": "d e"}
    )
    await told(events, StasisStart)
    await ari.channels.set_channel_var(channel.id, "E", "1+1 ü")
    seen = [await ari.channels.get_channel_var(channel.id, name) for name in ("A", "C", "E")]
    missing = await refused(ari.channels.get_channel_var(channel.id, "NEVER_SET"))
    await ari.channels.hangup(channel.id)
    return seen, missing


@pytest.mark.parametrize(
    "script", [refusals, life_of_a_media_channel, an_unknown_application, variables]
)
async def test_the_fake_is_faithful(
    asterisk: PrivateAsterisk, fake: FakeAsterisk, script: Script
) -> None:
    real, imitated = await outcomes(script, asterisk, fake)
    assert imitated == real
