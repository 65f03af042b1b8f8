"""Twenty callers at once and the embedded default: everybody is greeted and answered."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.demo.ear import Ear
from gateway.demo.errors import Step
from gateway.demo.gateway_process import PROFILES, AriAccount, GatewayProcess
from gateway.demo.recogniser import Recogniser
from gateway.demo.talkspurts import Span
from gateway.demo.words import share_heard
from gateway.lab.archive import cache_folder
from gateway.lab.asterisk import PrivateAsterisk
from gateway.lab.caller import Caller, Callers
from gateway.lab.speech import utterance
from gateway.profile import load_profile

CALLS = 20
EXTENSION = "100"
QUESTION = "michael-hours"
TOPIC = "Opening hours"
PATIENCE = 30.0
"""Seconds; nothing here measures how fast a busy test machine is."""
PAUSE = 0.6
ENOUGH_WORDS = 0.6
LEGS = re.compile(r"(?m)^voice_gateway_media_legs (\S+)$")


@pytest_asyncio.fixture
async def gateway(asterisk: PrivateAsterisk, tmp_path: Path) -> AsyncIterator[GatewayProcess]:
    account = AriAccount(asterisk.ari_url, asterisk.username, asterisk.password, asterisk.app)
    async with GatewayProcess(account, folder=tmp_path) as gateway:
        yield gateway


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one caller heard, as audio spans on their own line."""

    caller: Caller
    ear: Ear
    answer: Span


async def converse(callers: Callers, number: int) -> Conversation:
    """Call, hear the greeting out, ask, hear the answer out, hang up."""
    caller = callers.ring(EXTENSION, number=f"55502{number:02d}")
    await caller.answered(within=PATIENCE)
    ear = Ear(caller.heard, time.monotonic())
    greeting = await ear.utterance(Step.GREETING, after=0.0, within=PATIENCE, pause=PAUSE)
    assert greeting.seconds > 1.0
    await caller.say(utterance(QUESTION).audio)
    asked = time.monotonic() - ear.zero
    answer = await ear.utterance(Step.FIRST_ANSWER, after=asked, within=PATIENCE, pause=PAUSE)
    caller.hang_up()
    await caller.ended()
    return Conversation(caller, ear, answer)


@pytest.mark.timeout(300)
async def test_twenty_callers_at_once_are_all_answered_and_none_is_left(
    asterisk: PrivateAsterisk, gateway: GatewayProcess
) -> None:
    async with Callers(asterisk.sip_address) as callers, asyncio.TaskGroup() as tasks:
        calling = [tasks.create_task(converse(callers, number)) for number in range(CALLS)]
    await nothing_is_left(asterisk, gateway)
    await gateway.stop()
    assert len(gateway.call_records()) == CALLS
    await everybody_was_answered([call.result() for call in calling])


async def nothing_is_left(asterisk: PrivateAsterisk, gateway: GatewayProcess) -> None:
    """No call, row, channel or bridge is there any more, soon after the last caller hung up."""
    left = {"calls": CALLS}
    for _ in range(100):
        left = await what_is_left(asterisk, gateway)
        if not any(left.values()):
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"left behind: {left}")


async def what_is_left(asterisk: PrivateAsterisk, gateway: GatewayProcess) -> dict[str, int]:
    channels = await asterisk.cli("core show channels count")
    bridges = (await asterisk.cli("bridge show all")).strip().splitlines()[1:]
    rows = LEGS.search(await gateway.metrics())
    assert rows is not None
    return {
        "calls": await gateway.calls(),
        "rows": int(float(rows[1])),
        "channels": int(channels.split()[0]),
        "bridges": len(bridges),
    }


async def everybody_was_answered(conversations: list[Conversation]) -> None:
    """The answer is the clinic's, by what went over each caller's line."""
    topics = {topic.title: topic.answer for topic in load_profile(PROFILES / "clinic.toml").topics}
    recogniser = Recogniser(cache_folder())
    for each in conversations:
        heard = await recogniser.words(each.ear.audio(each.answer.start, each.answer.end))
        assert share_heard(topics[TOPIC], heard) >= ENOUGH_WORDS, (each.caller, heard)
