"""What the gateway itself adds to a turn, with many calls at once.

Callers by sipp talk through the real Asterisk to a gateway whose ear, model and voice take a set
time (see set_delays). From the packet with the caller's last sound to the packet with the first
of the answer, both on the callers' wire, that time is taken off: what is left is ours, and
Asterisk's, and the network's.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from gateway.demo.gateway_process import Tables
from gateway.lab.hearing import FRAME_SAMPLES, MULAW, VOICE_LEVEL, Packet, level
from gateway.lab.prompts import prompts
from gateway.lab.sipp import Sipp
from gateway.lab.sound import TELEPHONE_RATE, line_noise, read_wav
from gateway.lab.wiretap import TappedCall, Wiretap
from rtp.g711 import encode_mulaw
from tests.benchmarks.crowd import certify, line_of, started, vendor_environment, vendor_settings
from tests.benchmarks.house import PROFILES, SCRIPTED, house
from tests.benchmarks.machine import coming_first, keep_to, leaving_a_core, process_cpu
from tests.benchmarks.set_delays import MODEL_SECONDS, TEXT_SECONDS, VOICE_SECONDS

SET_SECONDS = TEXT_SECONDS + MODEL_SECONDS + VOICE_SECONDS
QUESTION = "vm-nobodyavail"
QUIET = 2.6
"""Seconds before and behind each question: the agent has its say in them."""
TAPPED = 10
"""Of so many calls the wire is tapped: to relay all of them would be work for a core of its own,
and what is to be measured would wait for it."""
ANSWERED_WITHIN = 3.5
CALLS_PER_SECOND = 5
SPREAD = 4.0
"""Callers keep no time with each other. Without this each asked in the same millisecond as another,
and what the vendors take, 0.2 s and 1 s, lay between one call's beginning and the next ones'."""
LEVEL = 0.3


@dataclass(frozen=True, slots=True)
class Share:
    """`seconds` over the set delays, of every turn; `tap` is the most that the tap took."""

    seconds: Sequence[float]
    unanswered: int
    tap: float
    whole: bool
    """Every call lasted until its caller hung up."""
    ends: Mapping[str, int]
    """Why calls ended, by the gateway's records."""
    cores: Mapping[str, float]
    """How many cores each part kept busy, while all calls were up."""


async def share(calls: int, seconds: float) -> Share:
    """So many callers at once, each of whom asks again and again for some seconds. Those whose
    wire is tapped are as the others.

    The gateway has a core of its own, as docs/operations.md tells those who use cloud providers.
    Callers, vendors and the tap are on other machines in real life: they come first at the other
    cores.
    """
    async with AsyncExitStack() as stack:
        core = stack.enter_context(leaving_a_core())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="voice-gateway-")))
        certify(folder)
        module = ("-m", "tests.benchmarks.set_delays")
        vendors = await started(stack, sys.executable, *module, str(folder))
        addresses = json.loads(await line_of(vendors))
        settings: Tables = {
            **vendor_settings(folder, addresses),
            "profiles": {"folder": str(PROFILES), "default": "bench"},
        }
        environment = vendor_environment(folder)
        building = house(max_calls=calls, settings=settings, environment=environment)
        parts = await stack.enter_async_context(building)
        keep_to(core, parts.gateway.pid)
        speech = folder / "speech.ulaw"
        speech.write_bytes(_speech())
        tap = stack.enter_context(Wiretap(parts.asterisk.sip_address))
        tapped = min(calls, TAPPED)
        banks = [(tap.address, tapped), (parts.asterisk.sip_address, calls - tapped)]
        phones = [
            await stack.enter_async_context(
                Sipp(
                    server,
                    SCRIPTED,
                    speech=speech,
                    calls=count,
                    seconds=seconds,
                    per_second=CALLS_PER_SECOND,
                    spread=SPREAD,
                )
            )
            for server, count in banks
            if count
        ]
        others = (vendors.pid, os.getpid(), *(bank.pid for bank in phones))
        stack.enter_context(coming_first(*others))
        cores = await _cores(
            {
                "gateway": [parts.gateway.pid],
                "Asterisk": [parts.asterisk.pid],
                "callers": [bank.pid for bank in phones],
                "vendors": [vendors.pid],
                "tap": [os.getpid()],
            },
            after=calls / CALLS_PER_SECOND,
            until=seconds,
        )
        whole = all([await bank.done() for bank in phones])
        await parts.gateway.stop()
        ends = Counter(str(record["end_reason"]) for record in parts.gateway.call_records())
        turns = [turn for call in tap.calls for turn in waits(call)]
    answered = [wait - SET_SECONDS for wait in turns if wait is not None]
    return Share(answered, len(turns) - len(answered), tap.slowest, whole, ends, cores)


async def _cores(
    parts: Mapping[str, Sequence[int]], *, after: float, until: float
) -> Mapping[str, float]:
    """What the processes of each part use between those times from now, in cores."""

    def used() -> Mapping[str, float]:
        return {part: sum(map(process_cpu, pids)) for part, pids in parts.items()}

    await asyncio.sleep(after)
    before, began = used(), time.monotonic()
    await asyncio.sleep(until - after)
    now, lasted = used(), time.monotonic() - began
    return {part: (now[part] - before[part]) / lasted for part in parts}


def _speech() -> bytes:
    """Quiet, a question, quiet: whole frames of mu-law."""
    question = next(prompt for prompt in prompts() if prompt.name == QUESTION)
    said = read_wav(question.path)
    said = said * np.float32(LEVEL / float(np.abs(said).max()))
    quiet = np.zeros(int(QUIET * TELEPHONE_RATE), np.float32)
    whole = np.concatenate((quiet, said, quiet))
    whole = (whole + line_noise(len(whole) / TELEPHONE_RATE))[: len(whole)]
    return encode_mulaw(whole[: len(whole) // FRAME_SAMPLES * FRAME_SAMPLES]).tobytes()


def waits(call: TappedCall) -> list[float | None]:
    """For each question but the last, which may be cut, seconds until the answer; None without.

    From packet to packet: the one with the last sound, and the first one that is loud again.
    """
    said, heard = _loud(call.said), _loud(call.heard)
    ends = [one.time for one, following in pairwise(said) if following.time - one.time > 1.0]
    found: list[float | None] = []
    for end in ends:
        begins = (packet.time for packet in heard if packet.time > end)
        begin = next(begins, None)
        answered = begin is not None and begin - end < ANSWERED_WITHIN
        found.append(begin - end if begin is not None and answered else None)
    return found


def _loud(packets: Sequence[Packet]) -> list[Packet]:
    return [
        packet
        for packet in packets
        if packet.payload_type == MULAW and level(packet.payload) >= VOICE_LEVEL
    ]
