"""Does audio reach the gateway, from where it should, and come back through Asterisk?

All of it is proved with real packets: Asterisk is made to send silence by itself to the address
it would be told for a call, then frames go into one externalMedia channel and must come out of
another one it is bridged with.
"""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from statistics import median

from gateway.ari.resources import Address
from gateway.config import Address as Endpoint
from gateway.config import Settings
from gateway.doctor.ear import Ear, is_free, open_ear
from gateway.doctor.examination import Examination
from gateway.doctor.finding import Finding, failed, well
from gateway.doctor.line import Line, bridged, lines
from gateway.errors import AriError
from gateway.session.hands import FORMATS

PORT = "RTP port"
CHANNEL = "externalMedia"
ADVERTISED = "advertised address"
BOTH_WAYS = "RTP both ways"

_FRAME_SECONDS = 0.02
_FRAMES = 50
_WARM_UP_FRAMES = 150
_PATIENCE_SECONDS = 3.0
"""A machine that is busy with something else may stand still for a while."""
_FEWEST_PACKETS = 5
_MOST_LOSS = 0.02
_RTP = struct.Struct("!BBHII")
_SSRC = 0x0D0C7012
_SAMPLES = 160


async def port(examination: Examination) -> Finding:
    """The gateway can listen, or does so already."""
    bind = examination.settings.rtp.bind
    try:
        free = await is_free(bind)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return failed(PORT, f"{bind}: {reason}", "let RTP_BIND name an address of this machine")
    if free:
        return well(PORT, f"{bind} is free")
    if await _gateway_runs(examination):
        return well(PORT, f"{bind} is in use, by the running gateway")
    return failed(
        PORT, f"{bind} is in use by another program", "choose another RTP_BIND, or end that program"
    )


async def channel(examination: Examination) -> Finding:
    """Asterisk makes an externalMedia channel in the codec of calls."""
    codec = examination.settings.rtp.codec
    format = FORMATS[codec]
    try:
        async with (
            _own_ear(examination.settings) as place,
            _lines(examination, place.external_host, format=format) as (line,),
        ):
            return well(CHANNEL, f"{format}; Asterisk's end is {_text(line.address)}")
    except AriError as error:
        return failed(
            CHANNEL,
            f"{error.status}: {error.message}" if error.status else error.message,
            "load chan_rtp.so, res_rtp_multicast.so and res_rtp_asterisk.so, and the codec module "
            f"for {format}; is RTP_ADVERTISE an ip:port? Asterisk's log says more",
        )


async def advertised(examination: Examination) -> Finding:
    """What Asterisk sends to the advertised address arrives, from where it said it would."""
    async with _own_ear(examination.settings) as place:
        try:
            line, sources = await _called(examination, place.ear, place.external_host)
        except AriError as error:
            return _broken_off(ADVERTISED, error)
    if line.address in sources:
        return well(
            ADVERTISED, f"Asterisk sends to {place.external_host} and it arrives{place.remark}"
        )
    if sources:
        return failed(
            ADVERTISED,
            f"RTP comes from {_text(sources[0])}, but Asterisk says it sends from "
            f"{_text(line.address)}",
            "the gateway takes RTP from Asterisk's own address only: take the address translation "
            "between the two away (same network, or host networking for containers)",
        )
    return await _where_to_instead(examination, place.external_host)


async def both_ways(examination: Examination) -> Finding:
    """Frames sent into one channel come out of another, all of them, and soon."""
    async with _own_ear(examination.settings) as place:
        try:
            hosts = (place.external_host, place.external_host)
            async with (
                _lines(examination, *hosts, format="ulaw") as (into, out_of),
                bridged(examination.ari, (into, out_of)),
            ):
                loop = await _loop(place.ear, into.address, out_of.address)
        except AriError as error:
            return _broken_off(BOTH_WAYS, error)
    if not loop.delays:
        return failed(
            BOTH_WAYS,
            f"Asterisk's RTP arrives, but ours does not come back from {_text(into.address)}",
            f"let firewalls pass UDP from this machine to {into.address[0]}, the whole range of "
            "ports in Asterisk's rtp.conf (rtpstart to rtpend)",
        )
    middle, worst = (1000 * pick(loop.delays) for pick in (median, max))
    seen = (
        f"{len(loop.delays)} of {loop.sent} frames back, "
        f"{middle:.1f} ms through Asterisk (worst {worst:.1f})"
    )
    if loop.lost > _MOST_LOSS:
        return failed(
            BOTH_WAYS, seen, "frames are lost: look for an overloaded machine or network in between"
        )
    return well(BOTH_WAYS, seen)


# --- where we listen --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """An open ear, and what Asterisk has to be told to reach it."""

    ear: Ear
    external_host: str
    remark: str


@asynccontextmanager
async def _own_ear(settings: Settings) -> AsyncIterator[_Place]:
    """Where calls' audio will arrive; beside a running gateway the port next to it, so to say."""
    bind, advertise = settings.rtp.bind, settings.rtp.advertise or settings.rtp.bind
    if await is_free(bind):
        async with open_ear(bind) as ear:
            told = advertise._replace(port=advertise.port or ear.address[1])
            yield _Place(ear, str(told), "")
    else:
        async with open_ear((bind.host, 0)) as ear:
            told = advertise._replace(port=ear.address[1])
            yield _Place(ear, str(told), f" (tried beside port {bind.port}, which is in use)")


async def _gateway_runs(examination: Examination) -> bool:
    try:
        await examination.ari.applications.get(examination.settings.ari.app)
    except AriError:
        return False
    return True


# --- what is sent and heard -------------------------------------------------------------------


def _lines(
    examination: Examination, *external_hosts: str, format: str
) -> AbstractAsyncContextManager[tuple[Line, ...]]:
    return lines(examination.ari, examination.entrance, external_hosts, format=format)


async def _called(
    examination: Examination, ear: Ear, external_host: str
) -> tuple[Line, list[Address]]:
    """A line on which Asterisk sent silence by itself, and where packets came from."""
    format = FORMATS[examination.settings.rtp.codec]
    async with _lines(examination, external_host, format=format) as (line,):
        ear.packets.clear()
        await examination.ari.channels.start_silence(line.id)
        await ear.hear(lambda: len(ear.packets) >= _FEWEST_PACKETS, _PATIENCE_SECONDS)
    return line, [packet.source for packet in ear.packets]


@dataclass(frozen=True, slots=True)
class _Loop:
    sent: int
    delays: tuple[float, ...]

    @property
    def lost(self) -> float:
        return 1 - len(self.delays) / self.sent


async def _loop(ear: Ear, into: Address, out_of: Address) -> _Loop:
    """Numbered frames sent to `into`; the seconds after which they came from `out_of`."""
    first = 0
    # A bridge that has just been made swallows the first frames.
    while first < _WARM_UP_FRAMES and not _numbers(ear, out_of):
        await _speak(ear, into, first)
        first += 1
    if first == _WARM_UP_FRAMES:
        return _Loop(first, ())
    numbers = range(first, first + _FRAMES)
    left = {}
    for number in numbers:
        left[number] = time.monotonic()
        await _speak(ear, into, number)
    await ear.hear(lambda: _numbers(ear, out_of).keys() >= left.keys(), _PATIENCE_SECONDS)
    arrived = _numbers(ear, out_of)
    return _Loop(_FRAMES, tuple(arrived[n] - left[n] for n in numbers if n in arrived))


async def _speak(ear: Ear, to: Address, number: int) -> None:
    """A mu-law frame that says its number in every sample, and the pause until the next one."""
    header = _RTP.pack(0x80, 0, number, number * _SAMPLES, _SSRC)
    ear.send(header + bytes([number]) * _SAMPLES, to)
    await asyncio.sleep(_FRAME_SECONDS)


def _numbers(ear: Ear, source: Address) -> dict[int, float]:
    """Which frames came from `source`, and when."""
    return {
        packet.data[-1]: packet.time
        for packet in ear.packets
        if packet.source == source and len(packet.data) == _RTP.size + _SAMPLES
    }


# --- what would work --------------------------------------------------------------------------


async def _where_to_instead(examination: Examination, tried: str) -> Finding:
    """Nothing arrived: of this machine's addresses, find one that Asterisk can reach."""
    settings = examination.settings
    asterisk = examination.ari.settings.base.host or ""
    nothing = f"nothing arrives of what Asterisk sends to {tried}"
    for host in await own_addresses(asterisk):
        wildcard = "::" if ":" in host else "0.0.0.0"
        async with open_ear((wildcard, 0)) as ear:
            try:
                _, sources = await _called(examination, ear, str(Endpoint(host, ear.address[1])))
            except AriError as error:
                return _broken_off(ADVERTISED, error)
        if sources:
            fix = f"RTP_ADVERTISE={Endpoint(host, settings.rtp.bind.port)}"
            if not settings.rtp.bind.is_wildcard and settings.rtp.bind.host != host:
                fix = f"RTP_BIND={Endpoint(host, settings.rtp.bind.port)} and {fix}"
            return failed(ADVERTISED, f"{nothing}; {host} works", f"set {fix}")
    return failed(
        ADVERTISED,
        f"{nothing}, nor to any address of this machine",
        f"let firewalls pass UDP from {asterisk} to RTP_BIND's port; behind address translation "
        "(containers), set RTP_ADVERTISE to the outer ip:port",
    )


async def own_addresses(asterisk: str) -> tuple[str, ...]:
    """This machine's addresses, the one on the way to `asterisk` first."""
    loop = asyncio.get_running_loop()
    found: list[str] = []
    for name, route in ((asterisk, True), (socket.gethostname(), False), ("127.0.0.1", False)):
        try:
            infos = await loop.getaddrinfo(name, 9, type=socket.SOCK_DGRAM)
        except OSError:
            continue
        for family, _, _, _, address in infos:
            found.append(_route(family, address) if route else str(address[0]))
    return tuple(dict.fromkeys(host for host in found if host))


def _route(family: int, address: tuple[object, ...]) -> str:
    """Our own address on the way to `address`; nothing is sent."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(address)
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _text(address: Address) -> str:
    return str(Endpoint(*address))


def _broken_off(name: str, error: AriError) -> Finding:
    return failed(name, str(error), "look into Asterisk's log; then run the doctor again")
