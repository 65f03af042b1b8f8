"""What a caller does with the phone reaches the agent, and its digits the phone."""

import asyncio
from collections.abc import Callable

from gateway.ari.client import AriClient
from gateway.ari.settings import AriSettings
from gateway.call.requests import HangUp, RequestOutcome, SendDigits
from gateway.metrics import Metrics
from gateway.session.calls import Control, Equipment
from gateway.session.hands import Fallback, Hands
from gateway.session.switchboard import Newcomer, Switchboard
from rtp.codec import Codec
from rtp.engine import EngineSettings, Leg, MediaEngine, Tick
from rtp.statistics import LegStatistics
from tests.fakes.asterisk import FakeAsterisk

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


async def until(true: Callable[[], bool]) -> None:
    """Wait, patiently, for what only others know: there is no event to wait on."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_keys_and_holding_reach_the_agent_and_its_digits_the_phone() -> None:
    agent = Agent()

    async def choose(newcomer: Newcomer) -> Agent:
        return agent

    async with (
        FakeAsterisk() as asterisk,
        MediaEngine(EngineSettings(rows=1)) as engine,
        AriClient(AriSettings(asterisk.url, asterisk.username, asterisk.password, APP)) as ari,
        asyncio.TaskGroup() as tasks,
    ):
        hands = Hands(ari, "{}:{}".format(*engine.address), Codec.PCMU, Fallback())
        equipment = Equipment(hands, engine, Codec.PCMU, 600.0)
        board = Switchboard(ari, equipment, choose, Metrics(), most=1)
        running = tasks.create_task(board.run())
        await until(lambda: APP in asterisk.apps)
        asterisk.call("1.1", APP)
        await until(lambda: bool(board.calls) and board.calls[0].leg is not None)
        asterisk.dtmf("1.1", "5")
        asterisk.hold("1.1", on=True)
        asterisk.hold("1.1", on=False)
        await until(lambda: agent.deeds == ["5", "hold", "back"])
        agent.go.set()
        await until(lambda: agent.reason == "agent hung up")
        running.cancel()
    assert agent.outcomes == [RequestOutcome.DONE, RequestOutcome.DONE]
