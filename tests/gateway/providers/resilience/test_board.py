"""The board keeps providers warm, and gateways tell each other what they found."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.errors import ProviderRefused, ProviderUnavailable
from gateway.kinds import Kind
from gateway.metrics import Metrics
from gateway.providers.resilience.attempts import Candidate
from gateway.providers.resilience.board import Board, Findings
from gateway.providers.resilience.breaker import State
from gateway.providers.resilience.health import Health
from gateway.store.memory import MemoryStore
from tests.fakes.providers import ScriptedModel, candidates

pytestmark = pytest.mark.virtual_time

DOWN = ProviderUnavailable("cloud", "down")


class Gateway:
    """One gateway's board with one provider in the cloud and one on its machine."""

    def __init__(self, metrics: Metrics | None = None) -> None:
        self.cloud, self.local = ScriptedModel("cloud", []), ScriptedModel("local", [])
        clock = asyncio.get_running_loop().time
        self.board = Board(metrics, clock=clock)
        self.made: list[Candidate[ScriptedModel]] = candidates(
            Kind.LLM, self.cloud, self.local, embedded=["local"]
        )
        for each in self.made:
            self.board.add(each.provider, each.health)

    def breaks(self) -> None:
        for _ in range(3):
            self.health.enter()
            self.health.failed("en", DOWN)

    def succeeds(self) -> None:
        self.health.enter()
        self.health.succeeded("en")

    @property
    def health(self) -> Health:
        return self.made[0].health

    def state(self) -> State:
        return self.health.state


@asynccontextmanager
async def running(*gateways: Gateway, store: Findings | None) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        work = [tasks.create_task(each.board.run(store)) for each in gateways]
        yield
        for task in work:
            task.cancel()


def memory() -> MemoryStore:
    return MemoryStore(asyncio.get_running_loop().time)


async def test_one_gateways_finding_is_the_others_too() -> None:
    one, other = Gateway(), Gateway()
    async with running(one, other, store=memory()):
        await asyncio.sleep(0.5)
        one.breaks()
        await asyncio.sleep(2.5)
        assert other.state() is State.OPEN
        await asyncio.sleep(5.0)
        one.succeeds()
        await asyncio.sleep(3.0)
        assert (one.state(), other.state()) == (State.CLOSED, State.CLOSED)


async def test_who_just_did_well_does_not_believe_it() -> None:
    one, other = Gateway(), Gateway()
    async with running(one, other, store=memory()):
        one.breaks()
        for _ in range(10):
            other.succeeds()
            await asyncio.sleep(0.3)
            assert other.state() is State.CLOSED


class Dead:
    """A store that never answers within a lifetime."""

    async def get(self, key: str, /) -> bytes | None:
        await asyncio.sleep(3600.0)
        return None

    async def put(self, key: str, value: bytes, /, *, seconds: float) -> None:
        await asyncio.sleep(3600.0)

    async def delete(self, key: str, /) -> None:
        await asyncio.sleep(3600.0)


async def test_a_store_that_hangs_changes_nothing_here() -> None:
    gateway = Gateway()
    async with running(gateway, store=Dead()):
        gateway.breaks()
        await asyncio.sleep(1.0)
        assert gateway.state() is State.OPEN
        await asyncio.sleep(4.5)
        assert gateway.health.why_not("en") is None
        gateway.succeeds()
        assert gateway.state() is State.CLOSED


async def test_a_provider_that_cannot_even_connect_rests_on_without_costing_a_caller() -> None:
    gateway = Gateway()
    gateway.cloud.warm_error = DOWN
    async with running(gateway, store=None):
        gateway.breaks()
        await asyncio.sleep(7.0)
        assert (gateway.cloud.warmed, gateway.state()) == (1, State.OPEN)
        gateway.cloud.warm_error = None
        await asyncio.sleep(10.0)
        assert gateway.state() is State.HALF_OPEN
        assert gateway.health.why_not("en") is None


async def test_connections_that_may_be_cold_are_made_when_a_call_begins() -> None:
    gateway = Gateway()
    async with running(gateway, store=None):
        for _ in range(3):
            gateway.board.wake()
            await asyncio.sleep(0.1)
        assert (gateway.cloud.warmed, gateway.local.warmed) == (1, 0)
        await asyncio.sleep(61.0)
        gateway.board.wake()
        await asyncio.sleep(0.1)
        assert gateway.cloud.warmed == 2


async def test_a_connection_that_a_thrown_away_answer_closed_is_made_again_before_the_next() -> (
    None
):
    gateway = Gateway()
    gateway.health.used = asyncio.get_running_loop().time()
    async with running(gateway, store=None):
        for given_up in (1, 2):
            gateway.health.enter()
            gateway.health.left()
            await asyncio.sleep(0.1)
            assert gateway.cloud.warmed == given_up
        gateway.succeeds()
        gateway.board.wake()
        await asyncio.sleep(0.1)
        assert gateway.cloud.warmed == 2


async def test_a_request_that_is_given_up_leaves_a_shared_connection_as_it_is() -> None:
    gateway = Gateway()
    gateway.health.multiplexed = True
    gateway.health.used = asyncio.get_running_loop().time()
    async with running(gateway, store=None):
        gateway.health.enter()
        gateway.health.left()
        await asyncio.sleep(0.1)
        assert gateway.cloud.warmed == 0


async def test_one_that_cannot_be_warmed_is_borne_while_another_can() -> None:
    gateway = Gateway()
    gateway.cloud.warm_error = ProviderRefused("cloud", "key")
    await gateway.board.warm(gateway.made)
    gateway.local.warm_error = DOWN
    with pytest.raises(ProviderRefused):
        await gateway.board.warm(gateway.made)


async def test_what_an_operator_sees() -> None:
    metrics = Metrics()
    gateway = Gateway(metrics)
    gateway.breaks()
    shown, _ = gateway.board.status()
    assert (shown["provider"], shown["breaker"], shown["recent_failures"]) == ("cloud", "open", 3)
    labels = {"kind": "llm", "provider": "cloud", "state": "open"}
    assert metrics.registry.get_sample_value("voice_gateway_provider_breaker", labels) == 1
