"""Calls through the real Asterisk: whatever callers do, nothing of a call stays behind."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from gateway.ari.client import AriClient
from gateway.ari.ids import ResourceId
from gateway.ari.settings import AriSettings
from gateway.call.machine import CallState
from gateway.call.requests import (
    CallRequest,
    HangUp,
    LeaveToFallback,
    RequestOutcome,
    SendDigits,
    TransferToExtension,
    TransferToPerson,
)
from gateway.lab.asterisk import PrivateAsterisk
from gateway.lab.caller import Caller, Callers
from gateway.lab.phone import Happening
from gateway.metrics import Metrics
from gateway.session.calls import Control, Equipment
from gateway.session.hands import Fallback, Hands
from gateway.session.switchboard import Newcomer, Switchboard
from rtp.codec import Codec
from rtp.engine import EngineSettings, Leg, MediaEngine, Tick
from rtp.g711 import encode_mulaw
from rtp.statistics import LegStatistics
from tests.integration.conftest import PhoneFactory
from tests.integration.people import hears_itself
from tests.waiting import until

TONE = encode_mulaw(
    (0.3 * np.sin(2 * np.pi * 440 / 8000 * np.arange(160 * 50))).astype(np.float32)
).reshape(50, 160)
BUSY = TransferToPerson("busy", "Local/busy@test-people", 30.0)
ECHO = TransferToPerson("echo", "Local/echo@test-people", 30.0)
SILENT = TransferToPerson("nobody", "Local/no-answer@test-people", 1.0)
NOWHERE = TransferToPerson("nowhere", "PJSIP/does-not-exist", 30.0)
CASUAL = (BUSY, ECHO, SILENT, NOWHERE, HangUp(), LeaveToFallback("tired"))


class Script:
    """An agent that plays a tone and then makes its requests, one after the other."""

    listen_rate = 8000

    def __init__(self, requests: tuple[CallRequest, ...]) -> None:
        self.outcomes: list[RequestOutcome] = []
        self.reason: str | None = None
        self.ticks = 0
        self.deeds: list[str] = []
        """Of the caller: keys, and holding us."""
        self.broken = asyncio.Event()
        self._requests = requests

    def converse(self, mouth: Leg, control: Control) -> "Script":
        self._mouth, self._control = mouth, control
        return self

    def ended(self, reason: str, media: LegStatistics | None) -> None:
        self.reason = reason

    def heard(self, tick: Tick) -> None:
        self.ticks += 1

    def dtmf(self, digit: str) -> None:
        self.deeds.append(digit)

    def caller_holds(self, *, on: bool) -> None:
        self.deeds.append("hold" if on else "back")

    async def run(self) -> None:
        self._mouth.play(TONE)
        for request in self._requests:
            self.outcomes.append(await self._control.request(request))
        await self.broken.wait()
        raise ZeroDivisionError


class Gateway:
    """A switchboard with scripted agents on the real Asterisk."""

    def __init__(self, ari: AriClient, engine: MediaEngine, *, most: int) -> None:
        self.agents: list[Script] = []
        self.scripts: list[tuple[CallRequest, ...]] = []
        host = "{}:{}".format(*engine.address)
        equipment = Equipment(Hands(ari, host, Codec.PCMU, Fallback()), engine, Codec.PCMU, 60.0)
        self.switchboard = Switchboard(ari, equipment, self._choose, Metrics(), most=most)
        self.engine = engine
        self.ari = ari

    async def _choose(self, newcomer: Newcomer) -> Script:
        self.agents.append(Script(self.scripts.pop(0) if self.scripts else ()))
        return self.agents[-1]

    async def empty(self) -> None:
        """Wait until nothing of any call is left here, then prove it in Asterisk."""
        await until(lambda: not (self.switchboard.calls or self.engine.statistics().legs))
        left = await self._left()
        for _ in range(600):
            if not left:
                break
            await asyncio.sleep(0.05)
            left = await self._left()
        assert left == []

    async def _left(self) -> list[str]:
        """Of all calls in Asterisk, which is told that they are over and needs a moment for it."""
        channels = [channel.id for channel in await self.ari.channels.list()]
        bridges = [bridge.id for bridge in await self.ari.bridges.list()]
        return [each for each in channels + bridges if ResourceId.parse(each)]


@asynccontextmanager
async def running(
    asterisk: PrivateAsterisk, *, most: int = 250, heartbeat: float = 20.0
) -> AsyncIterator[Gateway]:
    settings = AriSettings(
        asterisk.ari_url,
        asterisk.username,
        asterisk.password,
        app=asterisk.app,
        heartbeat=heartbeat,
    )
    async with (
        MediaEngine(EngineSettings(rows=most)) as engine,
        AriClient(settings) as ari,
        asyncio.TaskGroup() as tasks,
    ):
        gateway = Gateway(ari, engine, most=most)
        task = tasks.create_task(gateway.switchboard.run())
        await until(lambda: gateway.switchboard.connected)
        try:
            yield gateway
        finally:
            task.cancel()


async def call(callers: Callers, extension: str = "100") -> Caller:
    caller = await callers.call(extension)
    await caller.answered()
    return caller


async def heard_out(caller: Caller) -> float:
    """The agent's tone is over: when it ended. What is heard after that is somebody else."""
    await caller.hears_voice(since=0.0)
    return await caller.hears_quiet()


async def test_a_caller_hears_the_agent_at_once(asterisk: PrivateAsterisk) -> None:
    async with running(asterisk) as gateway, Callers(asterisk.sip_address) as callers:
        caller = await call(callers)
        await caller.hears_voice(since=0.0)
        await until(lambda: gateway.agents[0].ticks > 0)
        caller.hang_up()
        await gateway.empty()
        assert gateway.agents[0].reason == "caller hung up"


@pytest.mark.parametrize(
    ("request_", "outcome"),
    [
        (BUSY, RequestOutcome.BUSY),
        (SILENT, RequestOutcome.NO_ANSWER),
        (NOWHERE, RequestOutcome.UNREACHABLE),
    ],
)
async def test_a_dial_that_comes_to_nothing_is_told_and_the_agent_stays(
    asterisk: PrivateAsterisk, request_: CallRequest, outcome: RequestOutcome
) -> None:
    async with running(asterisk) as gateway, Callers(asterisk.sip_address) as callers:
        gateway.scripts.append((request_, HangUp()))
        caller = await call(callers)
        await caller.ended()
        await gateway.empty()
        assert gateway.agents[0].outcomes == [outcome, RequestOutcome.DONE]
        assert gateway.agents[0].reason == "agent hung up"


async def test_digits_are_sent_and_the_agent_stays(asterisk: PrivateAsterisk) -> None:
    async with running(asterisk) as gateway, Callers(asterisk.sip_address) as callers:
        gateway.scripts.append((SendDigits("42#", 60, 60), HangUp()))
        caller = await call(callers)
        await caller.ended()
        await gateway.empty()
        assert gateway.agents[0].outcomes == [RequestOutcome.DONE, RequestOutcome.DONE]
        assert gateway.agents[0].reason == "agent hung up"


async def test_what_a_caller_does_with_the_phone_reaches_the_agent(
    asterisk: PrivateAsterisk, phone: PhoneFactory
) -> None:
    async with running(asterisk) as gateway:
        caller = await phone("caller")
        await caller.dial(f"sip:100@{asterisk.sip_address}")
        await until(lambda: bool(gateway.agents and gateway.agents[0].ticks))
        agent = gateway.agents[0]
        await caller.press("5")
        await until(lambda: agent.deeds == ["5"])
        await caller.hold()
        await until(lambda: agent.deeds == ["5", "hold"])
        await caller.resume()
        await until(lambda: agent.deeds == ["5", "hold", "back"])
        await caller.hang_up()
        await gateway.empty()


async def test_a_person_and_the_caller_hear_each_other_and_the_agent_is_gone(
    asterisk: PrivateAsterisk,
) -> None:
    async with running(asterisk) as gateway, Callers(asterisk.sip_address) as callers:
        gateway.scripts.append((ECHO,))
        caller = await call(callers)
        await until(lambda: bool(gateway.agents and gateway.agents[0].outcomes))
        await until(lambda: not gateway.engine.statistics().legs)
        await hears_itself(caller)
        caller.hang_up()
        await gateway.empty()


async def test_a_person_sees_who_is_calling(asterisk: PrivateAsterisk, phone: PhoneFactory) -> None:
    person = await phone("1001", register=asterisk.sip_address)
    async with running(asterisk) as gateway, Callers(asterisk.sip_address) as callers:
        gateway.scripts.append((TransferToPerson("anna", "PJSIP/1001", 20.0),))
        caller = await callers.call("100", number="5550177")
        ringing = await person.wait_for(Happening.INCOMING)
        assert "5550177" in ringing.peer
        caller.hang_up()
        await gateway.empty()


async def test_two_hundred_calls_hung_up_at_random_moments_leave_nothing(
    asterisk: PrivateAsterisk,
) -> None:
    chance = random.Random(4)
    async with running(asterisk) as gateway, Callers(asterisk.sip_address) as callers:

        async def one() -> None:
            await asyncio.sleep(chance.uniform(0, 10))
            gateway.scripts.append((chance.choice(CASUAL), ECHO))
            caller = await callers.call("100")
            await asyncio.sleep(chance.choice([0.0, 0.005, 0.02, 0.05, 0.2, 1.0, 2.5]))
            caller.hang_up()
            await caller.ended()

        async with asyncio.TaskGroup() as tasks:
            for _ in range(200):
                tasks.create_task(one())
        await gateway.empty()
        assert len(gateway.agents) > 100


async def test_a_bug_in_a_conversation_costs_its_own_caller_the_agent_and_nobody_else(
    asterisk: PrivateAsterisk,
) -> None:
    async with running(asterisk) as gateway, Callers(asterisk.sip_address) as callers:
        healthy = await call(callers)
        await until(lambda: len(gateway.agents) == 1)
        caller = await call(callers)
        quiet = await heard_out(caller)
        gateway.agents[1].broken.set()
        await until(lambda: gateway.agents[1].reason is not None)
        assert gateway.agents[1].reason == "conversation failed"
        await caller.hears_voice(since=quiet)  # the dialplan's announcement
        await until(lambda: len(gateway.switchboard.calls) == 1)
        assert [c.machine.state for c in gateway.switchboard.calls] == [CallState.TALKING]
        for each in (caller, healthy):
            each.hang_up()
        await gateway.empty()


async def test_one_call_too_many_goes_on_in_the_dialplan(asterisk: PrivateAsterisk) -> None:
    async with running(asterisk, most=1) as gateway, Callers(asterisk.sip_address) as callers:
        first = await call(callers)
        second = await callers.call("100")
        await second.answered()
        await second.hears_voice(since=0.0)
        assert len(gateway.agents) == 1
        first.hang_up()
        second.hang_up()
        await gateway.empty()


async def test_a_blind_transfer_reaches_the_extension(asterisk: PrivateAsterisk) -> None:
    async with running(asterisk) as gateway, Callers(asterisk.sip_address) as callers:
        gateway.scripts.append((TransferToExtension("echo", "from-callers", "301"),))
        caller = await call(callers)
        await until(lambda: bool(gateway.agents) and not gateway.switchboard.calls)
        await caller.hears_voice()
        caller.hang_up()
        await gateway.empty()


async def test_draining_hands_callers_to_the_fallback_and_takes_no_new_ones(
    asterisk: PrivateAsterisk,
) -> None:
    async with running(asterisk) as gateway, Callers(asterisk.sip_address) as callers:
        caller = await call(callers)
        quiet = await heard_out(caller)
        await gateway.switchboard.drain(0.1)
        assert gateway.switchboard.calls == ()
        await caller.hears_voice(since=quiet)
        late = await callers.call("100")
        await late.hears_voice(since=0.0)
        assert len(gateway.agents) == 1
        for each in (caller, late):
            each.hang_up()
        await gateway.empty()


async def test_a_gateway_that_died_leaves_its_callers_to_the_next_one(
    asterisk: PrivateAsterisk,
) -> None:
    async with Callers(asterisk.sip_address) as callers:
        async with running(asterisk) as dying:
            dying.scripts = [(), (ECHO,)]
            alone = await call(callers)
            quiet = await heard_out(alone)
            with_person = await call(callers)
            await until(lambda: len(dying.agents) == 2 and bool(dying.agents[1].outcomes))
            await until(lambda: dying.engine.statistics().legs == 1)
        async with running(asterisk) as gateway:
            # the first is handed to the dialplan's fallback, which speaks
            await alone.hears_voice(since=quiet)
            # the second two are left alone, and watched
            await until(lambda: len(gateway.switchboard.calls) == 1)
            assert [c.machine.state for c in gateway.switchboard.calls] == [CallState.CONNECTED]
            await hears_itself(with_person)
            for each in (alone, with_person):
                each.hang_up()
            await gateway.empty()


async def test_asterisk_gone_ends_all_calls_here_and_its_return_brings_new_ones(
    own_asterisk: PrivateAsterisk,
) -> None:
    async with running(own_asterisk) as gateway:
        async with Callers(own_asterisk.sip_address) as callers:
            await call(callers)
            await until(lambda: gateway.engine.statistics().legs == 1)
            await own_asterisk.stop()
            await until(lambda: not gateway.switchboard.calls)
            await until(lambda: gateway.engine.statistics().legs == 0)
            await until(lambda: not gateway.switchboard.connected)
        await own_asterisk.restart()
        await until(lambda: gateway.switchboard.connected)
        async with Callers(own_asterisk.sip_address) as callers:
            caller = await call(callers)
            await caller.hears_voice(since=0.0)
            caller.hang_up()
            await gateway.empty()


async def test_a_caller_whose_coming_was_lost_is_found_and_answered(
    asterisk: PrivateAsterisk,
) -> None:
    """Asterisk keeps the event from us, and our own by which we notice; a connection has both."""
    async with (
        Callers(asterisk.sip_address) as callers,
        running(asterisk, heartbeat=0.2) as gateway,
    ):
        silenced = (*gateway.ari.settings.silenced, "StasisStart", "ChannelUserevent")
        await gateway.ari.applications.filter(asterisk.app, disallowed=silenced)
        caller = await callers.call("100")
        await caller.answered()
        await caller.hears_voice(since=0.0)
        assert gateway.ari.counts["deaf"] == 1
        assert len(gateway.agents) == 1
        caller.hang_up()
        await gateway.empty()


async def test_a_second_gateway_with_the_same_name_is_noticed(asterisk: PrivateAsterisk) -> None:
    async with Callers(asterisk.sip_address) as callers, running(asterisk) as first:
        caller = await call(callers)
        quiet = await heard_out(caller)
        async with running(asterisk) as second:
            await until(lambda: first.switchboard.replaced)
            await caller.hears_voice(since=quiet)
            caller.hang_up()
            await until(lambda: not first.switchboard.calls)
            await second.empty()
