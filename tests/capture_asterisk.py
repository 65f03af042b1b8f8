"""Takes the captures of tests/data from a real Asterisk: python -m tests.capture_asterisk

Each is what an external media channel sends during a few seconds of one call from a real phone
(baresip), while something happens that a gateway lives through.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import click

from gateway.ari.client import AriClient
from gateway.ari.events import ChannelEnteredBridge, Connected, Event, StasisStart
from gateway.ari.ids import ResourceId, Role, new_call_id
from gateway.ari.settings import AriSettings
from gateway.lab.asterisk import PrivateAsterisk
from gateway.lab.phone import Happening, Phone
from gateway.lab.speech import utterance
from rtp.datagrams import Receiver, open_socket
from tests.captures import FOLDER, Captured, write_capture

QUESTION = "michael-hours"
LENGTH = 5.0
BEFORE, DURING = 1.5, 1.5


@dataclass(frozen=True, slots=True)
class Stage:
    """The call, as a scene sees it."""

    ari: AriClient
    phone: Phone
    caller: str
    bridge: str


Scene = Callable[[Stage], Awaitable[None]]


async def talk(_stage: Stage) -> None:
    """Nothing happens."""


async def keypad(stage: Stage) -> None:
    await stage.phone.press("12", gap=0.6)


async def hold(stage: Stage) -> None:
    await stage.phone.hold()
    await asyncio.sleep(DURING)
    await stage.phone.resume()


async def mute(stage: Stage) -> None:
    await stage.ari.channels.mute(stage.caller, direction="in")
    await asyncio.sleep(DURING)
    await stage.ari.channels.unmute(stage.caller, direction="in")


async def playback(stage: Stage) -> None:
    """Asterisk plays to the caller alone, who leaves the mix meanwhile."""
    await stage.ari.channels.play(stage.caller, media=["sound:vm-nobodyavail"])


async def softmix(stage: Stage) -> None:
    """Asterisk records the bridge, so it mixes."""
    await stage.ari.bridges.record(stage.bridge, name="capture", format="wav")
    await asyncio.sleep(DURING)
    await stage.ari.recordings.stop("capture")


SCENES: dict[str, tuple[str, Scene]] = {
    "talk": ("ulaw", talk),
    "talk-alaw": ("alaw", talk),
    "talk-g722": ("g722", talk),
    "talk-slin16": ("slin16", talk),
    "keypad": ("ulaw", keypad),
    "hold": ("ulaw", hold),
    "mute": ("ulaw", mute),
    "playback": ("ulaw", playback),
    "softmix": ("ulaw", softmix),
}


@asynccontextmanager
async def on_stage(asterisk: PrivateAsterisk, host: str, format_: str) -> AsyncIterator[Stage]:
    """A caller in a bridge with an external media channel that sends to `host`."""
    settings = AriSettings(asterisk.ari_url, asterisk.username, asterisk.password, asterisk.app)
    call = new_call_id()
    bridge, media = str(ResourceId(call, Role.BRIDGE)), str(ResourceId(call, Role.MEDIA))
    async with (
        Phone("capture") as phone,
        AriClient(settings) as ari,
        aclosing(ari.events()) as events,
    ):
        await _next(events, Connected)
        await phone.ring(f"sip:100@{asterisk.sip_address}")
        start = await _next(events, StasisStart)
        assert isinstance(start, StasisStart)
        caller = start.channel.id
        await ari.channels.answer(caller)
        await phone.wait_for(Happening.ESTABLISHED)
        await ari.bridges.create_with_id(bridge)
        await ari.channels.external_media(
            app=asterisk.app, external_host=host, format=format_, channel_id=media
        )
        await _next(events, StasisStart)
        await ari.bridges.add_channel(
            bridge, channel=[media, caller], inhibit_connected_line_updates=True
        )
        await _next(events, ChannelEnteredBridge)
        yield Stage(ari, phone, caller, bridge)
        await phone.hang_up()
        await ari.channels.hangup(media)
        await ari.bridges.destroy(bridge)


async def _next(events: AsyncIterator[Event], kind: type[Event]) -> Event:
    async with asyncio.timeout(15):
        async for event in events:
            if isinstance(event, kind):
                return event
    raise AssertionError(f"no {kind.__name__}")


async def capture(asterisk: PrivateAsterisk, name: str, path: Path) -> int:
    """Writes one capture; how many datagrams it has."""
    format_, scene = SCENES[name]
    with open_socket(("127.0.0.1", 0)) as udp, closing(Receiver(udp)) as near:
        host = f"127.0.0.1:{udp.getsockname()[1]}"
        async with on_stage(asterisk, host, format_) as stage, asyncio.TaskGroup() as group:
            group.create_task(stage.phone.say(utterance(QUESTION).path, utterance(QUESTION).path))
            await asyncio.sleep(BEFORE)
            await scene(stage)
            await asyncio.sleep(LENGTH - BEFORE)
        arrived = near.receive()
    captured = [
        Captured(time, line[:length].tobytes())
        for time, line, length in zip(
            arrived.arrivals.tolist(), arrived.lines, arrived.lengths, strict=True
        )
    ]
    write_capture(path, captured, source=("127.0.0.1", 10000), destination=("127.0.0.1", 40000))
    return len(captured)


async def capture_all(names: tuple[str, ...]) -> None:
    FOLDER.mkdir(exist_ok=True)
    async with PrivateAsterisk() as asterisk:
        for name in names or tuple(SCENES):
            count = await capture(asterisk, name, FOLDER / f"asterisk-{name}.pcap")
            click.echo(f"{name}: {count} datagrams")


@click.command(help=__doc__)
@click.argument("names", nargs=-1)
def main(names: tuple[str, ...]) -> None:
    asyncio.run(capture_all(names))


if __name__ == "__main__":
    main()
