"""Calls come, reach an agent or go on in the dialplan, and leave nothing behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.ari.client import AriClient
from gateway.ari.settings import AriSettings
from gateway.call.requests import HangUp, RequestOutcome, SendDigits
from gateway.errors import ConfigError
from gateway.metrics import Metrics
from gateway.session.calls import Control, Equipment
from gateway.session.hands import Fallback, Hands
from gateway.session.switchboard import ChooseAgent, Newcomer, Switchboard
from rtp.codec import Codec
from rtp.engine import EngineSettings, Leg, MediaEngine, Tick
from rtp.statistics import LegStatistics
from tests.fakes.asterisk import FakeAsterisk
from tests.waiting import until

APP = "gateway"


class Agent:
    """Notes what the caller does; sends digits and hangs up when it was told to `go`."""

    listen_rate = 8000

    def __init__(self) -> None:
        self.deeds: list[str] = []
        self.outcomes: list[RequestOutcome] = []
        self.reason = ""
        self.go = asyncio.Event()

    def converse(self, mouth: Leg, control: Control) -> "Agent":
        self._control = control
        return self

    def ended(self, reason: str, media: LegStatistics | None) -> None:
        self.reason = reason

    def heard(self, tick: Tick) -> None:
        pass

    def dtmf(self, digit: str) -> None:
        self.deeds.append(digit)

    def caller_holds(self, *, on: bool) -> None:
        self.deeds.append("hold" if on else "back")

    async def run(self) -> None:
        await self.go.wait()
        for request in (SendDigits("42#", 60, 70), HangUp()):
            self.outcomes.append(await self._control.request(request))


@asynccontextmanager
async def board_at(
    asterisk: FakeAsterisk,
    choose: ChooseAgent,
    *,
    most: int = 1,
    metrics: Metrics | None = None,
) -> AsyncIterator[Switchboard]:
    async with (
        MediaEngine(EngineSettings(rows=most)) as engine,
        AriClient(AriSettings(asterisk.url, asterisk.username, asterisk.password, APP)) as ari,
        asyncio.TaskGroup() as tasks,
    ):
        hands = Hands(ari, "{}:{}".format(*engine.address), Codec.PCMU, Fallback())
        equipment = Equipment(hands, engine, Codec.PCMU, 600.0)
        board = Switchboard(ari, equipment, choose, metrics or Metrics(), most=most)
        running = tasks.create_task(board.run())
        await until(lambda: APP in asterisk.apps)
        yield board
        running.cancel()


async def test_keys_and_holding_reach_the_agent_and_its_digits_the_phone() -> None:
    agent = Agent()

    async def choose(newcomer: Newcomer) -> Agent:
        return agent

    async with FakeAsterisk() as asterisk, board_at(asterisk, choose) as board:
        asterisk.call("1.1", APP)
        await until(lambda: bool(board.calls) and board.calls[0].leg is not None)
        asterisk.dtmf("1.1", "5")
        asterisk.hold("1.1", on=True)
        asterisk.hold("1.1", on=False)
        await until(lambda: agent.deeds == ["5", "hold", "back"])
        agent.go.set()
        await until(lambda: agent.reason == "agent hung up")
    assert agent.outcomes == [RequestOutcome.DONE, RequestOutcome.DONE]


async def test_nothing_a_call_needs_waits_for_the_rest_of_it() -> None:
    chosen = asyncio.Event()

    async def choose(newcomer: Newcomer) -> Agent:
        await chosen.wait()
        return Agent()

    async with FakeAsterisk() as asterisk, board_at(asterisk, choose) as board:
        asterisk.slow("POST channels/1.1/answer", 60.0)
        asterisk.call("1.1", APP)
        await until(lambda: len(asterisk.channels) == 2 and len(asterisk.bridges) == 1)
        assert "channels/1.1/answer" in {seen.path for seen in asterisk.seen}
        chosen.set()
        asterisk.hang_up("1.1")
        await until(lambda: not board.calls)
        assert (asterisk.channels, asterisk.bridges) == ({}, {})


@pytest.mark.parametrize(
    "error", [ConfigError("AI_CONTEXT", "nobody", "there is no such profile"), ZeroDivisionError()]
)
async def test_a_caller_for_whom_no_agent_can_be_found_goes_on_in_the_dialplan(
    error: Exception,
) -> None:
    """Not before all that was begun in Asterisk is there, so that all of it is cleared away."""

    async def choose(newcomer: Newcomer) -> Agent:
        raise error

    async with FakeAsterisk() as asterisk, board_at(asterisk, choose) as board:
        asterisk.slow("POST (channels/externalMedia|bridges)", 0.1)
        caller = asterisk.call("1.1", APP)
        await asterisk.until(lambda: caller.left_to is not None)
        assert (len(asterisk.channels), len(asterisk.bridges)) == (2, 1)
        await until(lambda: not board.calls)
        assert (list(asterisk.channels), asterisk.bridges) == (["1.1"], {})


async def test_a_caller_whose_coming_was_lost_is_found_after_the_next_connection() -> None:
    async def choose(newcomer: Newcomer) -> Agent:
        return Agent()

    metrics = Metrics()
    async with FakeAsterisk() as asterisk, board_at(asterisk, choose, metrics=metrics) as board:
        await until(lambda: board.connected)
        asterisk.apps[APP].disallowed = {"StasisStart"}
        asterisk.call("1.1", APP)
        asterisk.dtmf("1.1", "1")
        asterisk.drop_sockets()
        await until(lambda: bool(board.calls) and len(asterisk.bridges) == 1)
        assert [call.machine.ids.caller for call in board.calls] == ["1.1"]
        assert b"voice_gateway_calls_found_total 1.0" in metrics.exposition()
        asterisk.hang_up("1.1")
        await until(lambda: not board.calls)


async def test_a_caller_both_found_and_announced_is_one_call() -> None:
    """Who comes right after the connection is in the books already; the event is still queued."""
    chosen: list[str] = []

    async def choose(newcomer: Newcomer) -> Agent:
        chosen.append(newcomer.channel.id)
        return Agent()

    async with FakeAsterisk() as asterisk:
        asterisk.slow("GET applications", 0.2)
        async with board_at(asterisk, choose, most=3) as board:
            asterisk.call("1.1", APP)
            await until(lambda: len(asterisk.bridges) == 1)
            asterisk.call("1.2", APP)
            await until(lambda: len(asterisk.bridges) == 2)
            assert (chosen, len(board.calls)) == (["1.1", "1.2"], 2)


async def test_a_caller_whom_the_dialplan_sends_back_to_us_is_another_call() -> None:
    """Also while what the first call made is still being cleared away."""
    agents: list[Agent] = []

    async def choose(newcomer: Newcomer) -> Agent:
        agents.append(Agent())
        return agents[-1]

    async with FakeAsterisk() as asterisk, board_at(asterisk, choose, most=2) as board:
        caller = asterisk.call("1.1", APP)
        await until(lambda: len(asterisk.bridges) == 1)
        asterisk.slow("DELETE channels/.*", 0.2)
        board.evict_all("tired")
        await asterisk.until(lambda: caller.left_to is not None)
        asterisk.call("1.1", APP)
        await until(lambda: len(agents) == 2)
        await until(lambda: len(board.calls) == 1)
        asterisk.hold("1.1", on=True)
        await until(lambda: bool(agents[1].deeds))
        assert (agents[0].reason, agents[0].deeds, agents[1].deeds) == ("tired", [], ["hold"])
        asterisk.hang_up("1.1")
        await until(lambda: not board.calls)
        assert (asterisk.channels, asterisk.bridges) == ({}, {})
