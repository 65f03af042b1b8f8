"""Twenty callers at once and the embedded default: everybody is greeted and answered."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.demo.ear import Ear
from gateway.demo.gateway_process import AriAccount, GatewayProcess
from gateway.demo.recogniser import Recogniser
from gateway.demo.talkspurts import Span
from gateway.lab.archive import cache_folder
from gateway.lab.asterisk import PrivateAsterisk
from gateway.lab.caller import Callers
from tests.integration.people import ask_until_answered, greeted, is_the_answer

CALLS = 20
EXTENSION = "100"
LEGS = re.compile(r"(?m)^voice_gateway_media_legs (\S+)$")


@pytest_asyncio.fixture
async def gateway(asterisk: PrivateAsterisk, tmp_path: Path) -> AsyncIterator[GatewayProcess]:
    account = AriAccount(asterisk.ari_url, asterisk.username, asterisk.password, asterisk.app)
    async with GatewayProcess(account, folder=tmp_path) as gateway:
        yield gateway


async def converse(callers: Callers, number: int) -> tuple[Ear, Span]:
    """Call, hear the greeting out, ask, hear the answer, hang up; when it was heard."""
    caller = callers.ring(EXTENSION, number=f"55502{number:02d}")
    ear = await greeted(caller)
    answer = await ask_until_answered(caller, ear)
    caller.hang_up()
    await caller.ended()
    return ear, answer


@pytest.mark.alone
async def test_twenty_callers_at_once_are_all_answered_and_none_is_left(
    asterisk: PrivateAsterisk, gateway: GatewayProcess
) -> None:
    async with Callers(asterisk.sip_address) as callers, asyncio.TaskGroup() as tasks:
        calling = [tasks.create_task(converse(callers, number)) for number in range(CALLS)]
    await nothing_is_left(asterisk, gateway)
    await gateway.stop()
    records = gateway.call_records()
    assert len(records) == CALLS
    assert {record["called"] for record in records} == {EXTENSION}
    recogniser = Recogniser(cache_folder())
    for ear, answer in (call.result() for call in calling):
        await is_the_answer(ear, answer, recogniser)


async def nothing_is_left(asterisk: PrivateAsterisk, gateway: GatewayProcess) -> None:
    """No call, row, channel or bridge is there any more, soon after the last caller hung up."""
    left = {"calls": CALLS}
    for _ in range(300):
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
