"""How fast callers are greeted: StasisStart on the ARI wire to the greeting on the phone's wire.

Real Asterisk, the gateway as its own process with the embedded default, one call after the other.
Both times are taken outside the gateway: the event as it passes a relay in front of Asterisk's
HTTP port, the audio as the kernel of the phone's socket got it.
"""

from dataclasses import dataclass

from gateway.lab.caller import Caller, Callers
from gateway.lab.hearing import MULAW, VOICE_LEVEL, level
from tests.benchmarks.figures import Figure, Row, show
from tests.benchmarks.house import house

FIRST_NUMBER = 5550100
EXTENSION = "100"


@dataclass(frozen=True, slots=True)
class Greeted:
    """When a caller's call was made, entered Stasis, and was greeted; monotonic seconds.

    The greeting begins with the first packet that is not perfect silence, and is heard with the
    first that is loud enough.
    """

    invited: float
    entered: float
    first_packet: float
    first_sound: float


async def measure(calls: int) -> tuple[list[Greeted], list[float]]:
    """Call so often, one call after the other; and what the gateway itself says, in seconds."""
    greeted = []
    async with house() as parts:
        async with Callers(parts.asterisk.sip_address) as callers:
            for number in map(str, range(FIRST_NUMBER, FIRST_NUMBER + calls)):
                caller = await callers.call(EXTENSION, number=number)
                await caller.hears_voice(since=caller.invited_at)
                greeted.append(_greeted(caller, parts.tap.entered[number]))
                caller.hang_up()
                await caller.ended()
        await parts.gateway.stop()
        setups = [record["setup_ms"] for record in parts.gateway.call_records()]
    return greeted, [setup / 1000 for setup in setups if isinstance(setup, int | float)]


def _greeted(caller: Caller, entered: float) -> Greeted:
    audio = [packet for packet in caller.heard if packet.payload_type == MULAW]
    greeting = next(packet for packet in audio if len(set(packet.payload)) > 1)
    sound = next(packet for packet in audio if level(packet.payload) >= VOICE_LEVEL)
    return Greeted(caller.invited_at, entered, greeting.time, sound.time)


async def greetings(calls: int) -> Figure:
    """StasisStart to the greeting's first packet, of so many calls; prints all it measures."""
    greeted, own = await measure(calls)
    packet = Figure.of([each.first_packet - each.entered for each in greeted])
    sound = Figure.of([each.first_sound - each.entered for each in greeted])
    invited = Figure.of([each.first_sound - each.invited for each in greeted])
    show(
        f"{calls} calls, one after the other, embedded default",
        [
            Row("StasisStart → first packet of the greeting", packet, "p95 ≤ 100 ms"),
            Row("StasisStart → first sound of the greeting", sound),
            Row("INVITE → first sound of the greeting", invited),
            Row("StasisStart → first packet, by the gateway's record", Figure.of(own)),
        ],
    )
    return packet
