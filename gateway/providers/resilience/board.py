"""The state of all providers of a gateway: kept warm, told to the operator, shared over Redis."""

import asyncio
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol, TypeVar

import structlog

from gateway.errors import ProviderError, ProviderRefused, ProviderTimeout
from gateway.metrics import Metrics
from gateway.money.usage import Source
from gateway.providers.base import Json
from gateway.providers.resilience.attempts import Candidate
from gateway.providers.resilience.breaker import State
from gateway.providers.resilience.health import Health
from gateway.providers.resilience.routing import Standing

BEAT_SECONDS = 1.0
"""How often what others found is read, and what has rested is tried."""
QUIET_SECONDS = 60.0
"""A provider that was not asked for so long is warmed when a call begins."""
HOLD_BEATS = 2.5
"""How long another gateway's finding holds after it was last read."""

log = structlog.get_logger()


class Findings(Protocol):
    """Where gateways tell each other what they found: `gateway.store` has one in Redis."""

    async def get(self, key: str, /) -> bytes | None: ...
    async def put(self, key: str, value: bytes, /, *, seconds: float) -> None: ...
    async def delete(self, key: str, /) -> None: ...


class Warmed(Protocol):
    """What all kinds of providers have in common."""

    async def warm(self) -> None: ...
    async def close(self) -> None: ...


AnyProvider = TypeVar("AnyProvider", bound=Warmed)


class Board:
    """`clock` gives monotonic seconds; `cost` is what a source charges, compared to others of its
    kind, where that is known."""

    def __init__(
        self,
        metrics: Metrics | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        cost: Callable[[Source], Decimal | None] = lambda _source: None,
    ) -> None:
        self.metrics = metrics
        self.clock = clock
        self._cost = cost
        self._costs: dict[Source, float | None] = {}
        self._id = uuid.uuid4().bytes
        self._entries: list[tuple[Warmed, Health]] = []
        self._published: dict[str, float] = {}
        self._warming: set[str] = set()
        self._woken = asyncio.Event()
        if metrics is not None:
            metrics.watch_providers(self._states)

    def add(self, provider: Warmed, health: Health) -> None:
        """Have `provider` on the board."""
        self._entries.append((provider, health))
        health.when_cold = self.wake

    def status(self) -> Sequence[Mapping[str, Json]]:
        """What an operator wants to know of each provider."""
        return [_shown(health, self.clock()) for _, health in self._entries]

    def standing(self, health: Health, language: str) -> Standing:
        """How a provider stands before it is asked."""
        source = Source(health.kind, health.name, health.model)
        if source not in self._costs:
            cost = self._cost(source)
            self._costs[source] = None if cost is None else float(cost)
        return Standing(
            health.name,
            health.embedded,
            health.serves(language),
            health.seconds,
            self._costs[source],
        )

    # --- warm ---

    async def warm(self, candidates: Iterable[Candidate[AnyProvider]]) -> None:
        """Warm all at the same time. One that fails is only reported while another one works;
        raises the first one's error when none does."""
        results = await asyncio.gather(*(self._tried(c.provider, c.health) for c in candidates))
        failures = [error for error in results if error is not None]
        if len(failures) == len(results):
            raise failures[0]

    def wake(self) -> None:
        """A call begins, or a request was given up: connections that are missing, or may have gone
        cold, are made meanwhile."""
        self._woken.set()

    async def run(self, store: Findings | None = None) -> None:
        """Keep warm and try what has rested, until cancelled; share findings over `store`."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                for provider, health in self._entries:
                    if self._is_due(health):
                        tasks.create_task(self._tried(provider, health))
                if store is not None:
                    await self._share(store)
                try:
                    async with asyncio.timeout(BEAT_SECONDS):
                        await self._woken.wait()
                except TimeoutError:
                    continue
                self._woken.clear()
                self._wake_cold(tasks)

    def _is_due(self, health: Health) -> bool:
        """Whether it has rested: what its `warm` says is known before a caller depends on it."""
        return health.state is State.HALF_OPEN and _key(health) not in self._warming

    def _wake_cold(self, tasks: asyncio.TaskGroup) -> None:
        for provider, health in self._entries:
            if self._is_cold(health):
                health.used, health.cold = self.clock(), False
                tasks.create_task(self._tried(provider, health))

    def _is_cold(self, health: Health) -> bool:
        """Whether its next request may have to wait for a connection."""
        if health.embedded or health.state is not State.CLOSED or _key(health) in self._warming:
            return False
        quiet = health.used is None or self.clock() - health.used > QUIET_SECONDS
        return quiet or health.cold

    async def _tried(self, provider: Warmed, health: Health) -> ProviderError | None:
        """Warm it. A failure counts; that it is well only a caller's request can show."""
        key = _key(health)
        self._warming.add(key)
        try:
            async with asyncio.timeout(None if health.embedded else health.deadlines.connect):
                await provider.warm()
        except TimeoutError:
            seconds = health.deadlines.connect
            error: ProviderError = ProviderTimeout(health.name, f"not ready in {seconds:.1f} s")
        except ProviderError as failure:
            error = failure
        else:
            return None
        finally:
            self._warming.discard(key)
        log.warning("provider_not_ready", provider=health.name, reason=str(error))
        if not isinstance(error, ProviderRefused):
            health.breaker.failed(self.clock())
        return error

    # --- shared ---

    async def _share(self, store: Findings) -> None:
        """A breaker that is open is a key that expires when it may be tried again.

        The store never delays, and this runs beside the calls: without it
        each gateway finds out for itself.
        """
        for _, health in self._entries:
            if not health.embedded:
                await self._share_one(store, health)

    async def _share_one(self, store: Findings, health: Health) -> None:
        key = _key(health)
        remaining = health.breaker.remaining(self.clock())
        until = round(self.clock() + remaining, 1)
        if remaining > 0.0:
            if self._published.get(key) != until:
                self._published[key] = until
                await store.put(key, self._id, seconds=remaining)
        elif key in self._published and health.state is State.CLOSED:
            del self._published[key]
            await store.delete(key)
        else:
            finding = await store.get(key)
            if finding is not None and finding != self._id:
                health.breaker.hold(self.clock(), HOLD_BEATS * BEAT_SECONDS)

    def _states(self) -> Iterable[tuple[str, str, str]]:
        """Kind, name and state of each provider's breaker."""
        return [(h.kind.value, h.name, h.state.value) for _, h in self._entries]


def _key(health: Health) -> str:
    return f"breaker:{health.kind.value}:{health.name}"


def _shown(health: Health, now: float) -> Mapping[str, Json]:
    return {
        "kind": health.kind.value,
        "provider": health.name,
        "embedded": health.embedded,
        "breaker": health.state.value,
        "opens_in": round(health.breaker.remaining(now), 1),
        "recent_failures": health.breaker.failures(now),
        "first_result_seconds": None if health.seconds is None else round(health.seconds, 3),
        "in_use": health.limiter.inside,
        "limit": health.limiter.most,
    }
