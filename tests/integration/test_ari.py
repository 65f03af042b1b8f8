"""The ARI client against a real Asterisk."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import aclosing, asynccontextmanager, suppress
from types import UnionType
from typing import Protocol

import pytest

from gateway.ari.client import AriClient
from gateway.ari.events import (
    ApplicationReplaced,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelEnteredBridge,
    ChannelHangupRequest,
    ChannelVarset,
    Connected,
    Dial,
    Disconnected,
    Event,
    PlaybackFinished,
    RecordingFinished,
    RecordingStarted,
    StasisEnd,
    StasisStart,
    involved,
)
from gateway.ari.ids import ResourceId, Role, new_call_id
from gateway.ari.resources import ChannelState
from gateway.ari.settings import AriSettings
from gateway.errors import (
    AriConflict,
    AriFailed,
    AriForbidden,
    AriNotFound,
    AriUnauthorized,
    AriUnreachable,
)
from gateway.lab.asterisk import PrivateAsterisk
from gateway.lab.phone import Happening, Phone

APP = "ari-test"
ECHO = "Local/echo@test-people/n"


def settings(asterisk: PrivateAsterisk, *, username: str = "", password: str = "") -> AriSettings:
    return AriSettings(
        asterisk.ari_url,
        username or asterisk.username,
        password or asterisk.password,
        APP,
        silenced=(),
    )


class PhoneFactory(Protocol):
    def __call__(self, name: str) -> Awaitable[Phone]: ...


class Ears:
    """Reads events and keeps those not asked for yet."""

    def __init__(self, events: AsyncIterator[Event]) -> None:
        self._events = events
        self.kept: list[Event] = []

    async def hear(self, kind: type[Event] | UnionType, about: str = "") -> Event:
        """The next event of `kind` that involves the channel or bridge `about`."""
        async with asyncio.timeout(60):
            while True:
                for event in self.kept:
                    if isinstance(event, kind) and (not about or about in _about(event)):
                        self.kept.remove(event)
                        return event
                self.kept.append(await anext(self._events))


def _about(event: Event) -> tuple[str, ...]:
    return () if isinstance(event, Connected | Disconnected) else involved(event)


@asynccontextmanager
async def listening(settings: AriSettings) -> AsyncIterator[tuple[AriClient, Ears]]:
    async with AriClient(settings) as ari, aclosing(ari.events()) as events:
        ears = Ears(events)
        await ears.hear(Connected)
        yield ari, ears


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(0)
        yield udp


def host(peer: socket.socket) -> str:
    return f"127.0.0.1:{peer.getsockname()[1]}"


async def test_a_call_from_answer_to_hangup_with_audio_both_ways(
    asterisk: PrivateAsterisk, peer: socket.socket
) -> None:
    call = new_call_id()
    bridge = str(ResourceId(call, Role.BRIDGE))
    media = str(ResourceId(call, Role.MEDIA))
    person = str(ResourceId(call, Role.PERSON))
    async with listening(settings(asterisk)) as (ari, ears):
        created = await ari.bridges.create_with_id(bridge, name=APP)
        assert (created.id, created.name, created.bridge_type) == (bridge, APP, "mixing")

        channel = await ari.channels.external_media(
            app=APP, external_host=host(peer), format="ulaw", channel_id=media
        )
        address = await ari.channels.media_address(channel)
        asked = await ari.channels.media_address(await ari.channels.get(media))
        assert address == asked
        await ears.hear(StasisStart, media)

        await ari.channels.originate(
            ECHO,
            app=APP,
            app_args="person,1",
            channel_id=person,
            timeout=60,
            formats=["ulaw"],
            variables={"A": "b"},
        )
        start = await ears.hear(StasisStart, person)
        assert isinstance(start, StasisStart)
        assert start.args == ("person", "1")
        assert start.channel.state is ChannelState.UP
        assert await ari.channels.get_channel_var(person, "A") == "b"

        await ari.bridges.add_channel(
            bridge, channel=[media, person], inhibit_connected_line_updates=True
        )
        await ears.hear(ChannelEnteredBridge, media)
        await ears.hear(ChannelEnteredBridge, person)
        assert set((await ari.bridges.get(bridge)).channels) == {media, person}
        assert {media, person} <= set((await ari.applications.get(APP)).channel_ids)
        assert await _echoed(peer, address) >= 40

        await ari.bridges.destroy(bridge)
        for id_ in (media, person):
            await ari.channels.hangup(id_)
            await ears.hear(StasisEnd, id_)
            gone = await ears.hear(ChannelDestroyed, id_)
            assert isinstance(gone, ChannelDestroyed)
            assert gone.cause == 16


async def _echoed(peer: socket.socket, address: tuple[str, int]) -> int:
    """How many of 50 distinct frames come back from a person who echoes, from that address: the
    first are lost now and then, and 40 are enough to wait for."""
    loop = asyncio.get_running_loop()
    for number in range(50):
        header = struct.pack("!BBHII", 0x80, 0, number, number * 160, 7)
        peer.sendto(header + bytes([number]) * 160, address)
        await asyncio.sleep(0.02)
    sent = {bytes([number]) * 160 for number in range(50)}
    back: set[bytes] = set()
    with suppress(TimeoutError):
        async with asyncio.timeout(30):
            while len(back) < 40:
                packet, source = await loop.sock_recvfrom(peer, 2048)
                if source == address:
                    back |= {packet[12:]} & sent
    return len(back)


async def test_a_phone_calls(asterisk: PrivateAsterisk, phone: PhoneFactory) -> None:
    """A SIP caller: what the dialplan set, digits, RTP figures, and the end."""
    served = AriSettings(asterisk.ari_url, asterisk.username, asterisk.password, asterisk.app)
    caller = await phone("caller")
    async with listening(served) as (ari, ears):
        await caller.ring(f"sip:100@{asterisk.sip_address}")
        start = await ears.hear(StasisStart)
        assert isinstance(start, StasisStart)
        channel = start.channel
        assert (channel.technology, channel.state) == ("PJSIP", ChannelState.RING)
        assert channel.protocol_id != ""
        assert await ari.channels.get_channel_var(channel.id, "AI_CONTEXT") == "clinic"

        await ari.applications.subscribe(served.app, event_source=[f"channel:{channel.id}"])
        await ari.channels.answer(channel.id)
        assert (await ari.channels.get(channel.id)).state is ChannelState.UP
        await caller.wait_for(Happening.ESTABLISHED)
        await caller.press("7")
        digit = await ears.hear(ChannelDtmfReceived, channel.id)
        assert isinstance(digit, ChannelDtmfReceived)
        assert digit.digit == "7"
        figures = await ari.channels.rtp_statistics(channel.id)
        assert figures.rxcount > 0
        assert figures.channel_uniqueid == channel.id

        await caller.hang_up()
        await ears.hear(ChannelHangupRequest, channel.id)
        await ears.hear(StasisEnd, channel.id)
        await ears.hear(ChannelDestroyed, channel.id)


async def test_operations_on_one_channel(asterisk: PrivateAsterisk) -> None:
    person = str(ResourceId(new_call_id(), Role.PERSON))
    async with listening(settings(asterisk)) as (ari, ears):
        channels = ari.channels
        await channels.originate(ECHO, app=APP, channel_id=person, caller_id='"A B" <+4955>')
        await ears.hear(StasisStart, person)

        await channels.answer(person)
        await channels.set_channel_var(person, "X", "1+1 ü,&=%")
        assert await channels.get_channel_var(person, "X") == "1+1 ü,&=%"
        told = await ears.hear(ChannelVarset, person)
        while isinstance(told, ChannelVarset) and told.variable != "X":
            told = await ears.hear(ChannelVarset, person)
        assert isinstance(told, ChannelVarset)
        assert told.value == "1+1 ü,&=%"
        for act in (
            channels.ring,
            channels.ring_stop,
            channels.start_silence,
            channels.stop_silence,
            channels.start_moh,
            channels.stop_moh,
            channels.hold,
            channels.unhold,
            channels.mute,
            channels.unmute,
        ):
            await act(person)
        # long enough to be still there, however slow we are
        long = ["sound:vm-nobodyavail"] * 20
        played = await channels.play(person, media=long, playback_id="p-1")
        assert played.target_uri == f"channel:{person}"
        assert (await ari.playbacks.get("p-1")).id == "p-1"
        await ari.playbacks.control("p-1", operation="pause")
        await ari.playbacks.stop("p-1")
        await ears.hear(PlaybackFinished, person)

        await channels.record(person, name="ari/test", format="wav", if_exists="overwrite")
        await ears.hear(RecordingStarted, person)
        await ari.recordings.pause("ari/test")
        await ari.recordings.unpause("ari/test")
        await ari.recordings.stop("ari/test")
        await ears.hear(RecordingFinished, person)
        assert (await ari.recordings.get_stored("ari/test")).format == "wav"
        assert (await ari.recordings.get_stored_file("ari/test"))[:4] == b"RIFF"
        assert "ari/test" in [stored.name for stored in await ari.recordings.list_stored()]
        await ari.recordings.delete_stored("ari/test")

        await channels.send_dtmf(person, "5", duration=100)
        digit = await ears.hear(ChannelDtmfReceived, person)
        assert isinstance(digit, ChannelDtmfReceived)
        assert digit.digit == "5"

        snoop = await channels.snoop_channel(person, app=APP, spy="both", snoop_id="vg-snoop")
        assert snoop.technology == "Snoop"
        await ears.hear(StasisStart, "vg-snoop")
        await channels.hangup("vg-snoop")

        await channels.continue_in_dialplan(person, context="test-people", extension="echo")
        await ears.hear(StasisEnd, person)
        await channels.hangup(person, reason_code=17)


async def test_bridge_operations(asterisk: PrivateAsterisk) -> None:
    call = new_call_id()
    bridge, person = str(ResourceId(call, Role.BRIDGE)), str(ResourceId(call, Role.PERSON))
    async with listening(settings(asterisk)) as (ari, ears):
        await ari.bridges.create_with_id(bridge, name=APP)
        with pytest.raises(AriConflict):
            await ari.bridges.create_with_id(bridge)
        assert bridge in [each.id for each in await ari.bridges.list()]
        await ari.bridges.start_moh(bridge)
        await ari.bridges.stop_moh(bridge)
        played = await ari.bridges.play(bridge, media=["sound:vm-nobodyavail"])
        assert played.target_uri == f"bridge:{bridge}"
        # with nobody in the bridge a recording ends by itself now and then, at once
        await ari.channels.originate(ECHO, app=APP, channel_id=person)
        await ears.hear(StasisStart, person)
        await ari.bridges.add_channel(bridge, channel=[person])
        await ari.applications.subscribe(APP, event_source=[f"bridge:{bridge}"])
        await ari.bridges.record(bridge, name="ari-bridge", format="wav", if_exists="overwrite")
        await ears.hear(RecordingStarted)
        await ari.recordings.cancel("ari-bridge")
        await ears.hear(RecordingFinished)
        await ari.channels.hangup(person)
        await ari.bridges.destroy(bridge)
        # in its last moments a bridge is known, but no longer in the application: 409
        with pytest.raises((AriNotFound, AriConflict)):
            await ari.bridges.destroy(bridge)


async def test_create_then_dial(asterisk: PrivateAsterisk) -> None:
    person = str(ResourceId(new_call_id(), Role.PERSON))
    async with listening(settings(asterisk)) as (ari, ears):
        await ari.channels.create("Local/busy@test-people/n", app=APP, channel_id=person)
        start = await ears.hear(StasisStart, person)
        assert isinstance(start, StasisStart)
        assert start.channel.state is ChannelState.DOWN
        await ari.channels.dial(person, timeout=60)
        while not (isinstance(dial := await ears.hear(Dial, person), Dial) and dial.dialstatus):
            pass
        assert dial.dialstatus == "BUSY"
        # unlike an originated channel it stays until it is hung up, or its time is over
        assert (await ari.channels.get(person)).state is ChannelState.DOWN
        await ari.channels.hangup(person)
        await ears.hear(ChannelDestroyed, person)


async def test_the_server_describes_itself(asterisk: PrivateAsterisk) -> None:
    async with AriClient(settings(asterisk)) as ari:
        info = await ari.asterisk.get_info(only=["system", "config"])
        assert info.system.version.startswith(asterisk.version)
        assert (await ari.asterisk.ping()).asterisk_id == info.system.entity_id
        assert (await ari.asterisk.get_module("chan_rtp.so")).status == "Running"
        with pytest.raises(AriNotFound):
            await ari.asterisk.get_module("chan_nothing.so")
        assert "app_stasis.so" in [module.name for module in await ari.asterisk.list_modules()]
        await ari.asterisk.set_global_var("ARI_TEST", "a b")
        assert await ari.asterisk.get_global_var("ARI_TEST") == "a b"
        assert (await ari.endpoints.get("PJSIP", "1001")).technology == "PJSIP"
        assert "1001" in [endpoint.resource for endpoint in await ari.endpoints.list()]
        await ari.device_states.update("Stasis:agent", device_state="BUSY")
        assert (await ari.device_states.get("Stasis:agent")).state == "BUSY"
        assert [state.name for state in await ari.device_states.list()] == ["Stasis:agent"]
        await ari.device_states.delete("Stasis:agent")


async def test_refusals_are_typed(asterisk: PrivateAsterisk, peer: socket.socket) -> None:
    async with listening(settings(asterisk)) as (ari, ears):
        with pytest.raises(AriNotFound):
            await ari.channels.answer("nobody")
        with pytest.raises(AriNotFound):
            await ari.channels.get_channel_var("nobody", "X")
        with pytest.raises(AriNotFound):
            await ari.applications.get("nothing")
        with pytest.raises(AriFailed, match="Allocation failed"):
            await ari.channels.originate("PJSIP/nobody", app=APP)
        with pytest.raises(AriFailed, match="external_host"):
            await ari.channels.external_media(app=APP, external_host="127.0.0.1", format="ulaw")
        await ari.bridges.create_with_id("ari-bridge")
        with pytest.raises(AriNotFound):
            await ari.bridges.add_channel("ari-bridge", channel=["nobody"])
        media = await ari.channels.external_media(
            app=APP, external_host=host(peer), format="ulaw", channel_id="ari-media-10"
        )
        with pytest.raises(AriConflict):  # too early, or if we were slow: not in this bridge
            await ari.bridges.remove_channel("ari-bridge", channel=[media.id])
        await ears.hear(StasisStart, media.id)
        with pytest.raises(AriFailed):
            await ari.channels.external_media(
                app=APP, external_host=host(peer), format="ulaw", channel_id="ARI-media-1"
            )
        await ari.channels.hangup(media.id)
        await ari.bridges.destroy("ari-bridge")


async def test_a_wrong_password_is_unauthorized(asterisk: PrivateAsterisk) -> None:
    async with AriClient(settings(asterisk, password="wrong")) as ari:
        with pytest.raises(AriUnauthorized):
            await ari.asterisk.ping()
        with pytest.raises(AriUnauthorized):
            await anext(ari.events())


async def test_a_read_only_user_may_listen_but_not_act(asterisk: PrivateAsterisk) -> None:
    async with listening(settings(asterisk, username="watcher")) as (ari, _):
        assert (await ari.applications.get(APP)).name == APP
        with pytest.raises(AriForbidden):
            await ari.bridges.create_with_id("ari-bridge")


async def test_silenced_events_do_not_come(asterisk: PrivateAsterisk) -> None:
    quiet = AriSettings(asterisk.ari_url, asterisk.username, asterisk.password, APP)
    async with listening(quiet) as (ari, ears):
        await ari.channels.originate(ECHO, app=APP, channel_id="ari-quiet")
        await ears.hear(StasisStart, "ari-quiet")
        await ari.channels.set_channel_var("ari-quiet", "X", "1")
        await ari.channels.hangup("ari-quiet")
        await ears.hear(ChannelDestroyed, "ari-quiet")
        assert not [event for event in ears.kept if isinstance(event, ChannelVarset)]
        assert ari.counts["unknown"] == ari.counts["malformed"] == 0


async def test_a_second_client_replaces_the_first(asterisk: PrivateAsterisk) -> None:
    async with listening(settings(asterisk)) as (_, first), listening(settings(asterisk)):
        await first.hear(ApplicationReplaced)
        with pytest.raises(StopAsyncIteration):
            await first.hear(StasisStart)


async def test_a_subscribed_channel_is_told_to_its_end(asterisk: PrivateAsterisk) -> None:
    async with listening(settings(asterisk)) as (ari, ears):
        await ari.channels.originate(ECHO, app=APP, channel_id="ari-person")
        await ears.hear(StasisStart, "ari-person")
        application = await ari.applications.subscribe(APP, event_source=["channel:ari-person"])
        assert "ari-person" in application.channel_ids
        await ari.applications.unsubscribe(APP, event_source=["channel:ari-person"])
        await ari.channels.hangup("ari-person")
        await ears.hear(StasisEnd, "ari-person")


@pytest.mark.parametrize("calls", [0, 1])
async def test_registering_again_at_once_never_ends_deaf(
    asterisk: PrivateAsterisk, peer: socket.socket, calls: int
) -> None:
    """Asterisk loses about one in ten of such registrations (measured); the client notices.

    With a call in the application it is still listed then, and only says nothing any more.
    """
    async with listening(settings(asterisk)) as (ari, ears):
        for number in range(calls):
            await ari.channels.originate(ECHO, app=APP, channel_id=f"ari-person-{number}")
            await ears.hear(StasisStart, f"ari-person-{number}")
    async with AriClient(settings(asterisk)) as ari:
        for number in range(50):
            async with aclosing(ari.events()) as events:
                ears = Ears(events)
                media = f"ari-media-{number:02}"
                heard: Event = Disconnected("not yet")
                while isinstance(heard, Disconnected):
                    await ears.hear(Connected)
                    await ari.channels.external_media(
                        app=APP, external_host=host(peer), format="ulaw", channel_id=media
                    )
                    heard = await ears.hear(StasisStart | Disconnected)
                await ari.channels.hangup(media)
        for number in range(calls):
            await ari.channels.hangup(f"ari-person-{number}")


async def test_a_restarted_asterisk_is_found_again(own_asterisk: PrivateAsterisk) -> None:
    """Refused, 404, 503, then up: the client waits through all of it."""
    async with listening(settings(own_asterisk)) as (ari, ears):
        await ari.channels.originate(ECHO, app=APP, channel_id="ari-person")
        await ears.hear(StasisStart, "ari-person")

        await own_asterisk.stop()
        await ears.hear(StasisEnd, "ari-person")
        await ears.hear(Disconnected)
        with pytest.raises(AriUnreachable):
            await ari.asterisk.ping()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(own_asterisk.restart())
            back = await ears.hear(Connected)
        assert back == Connected(reconnected=True)
        assert (await ari.applications.get(APP)).channel_ids == ()
