"""All that is known of one provider: whether to ask it, how it has done, how quick it is."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.errors import ProviderError, ProviderRateLimited, ProviderRefused
from gateway.kinds import Kind
from gateway.languages import base_language
from gateway.metrics import Metrics
from gateway.providers.coverage import serves
from gateway.providers.resilience.breaker import Breaker, BreakerSettings, State
from gateway.providers.resilience.limiter import Limit, Limiter

ADAPTATION = 0.2
"""How much the latest first result counts in the average."""
REFUSALS = 2
"""So many refusals in a row, and it is not asked in this language for a while."""
REFUSED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds: to connect (a stream, or when warmed), to the first result of a request, between
    two results, and of waiting for one request in all."""

    connect: float
    first: float
    idle: float
    total: float


class WhyNot(StrEnum):
    """Why a provider is not asked."""

    REFUSES = "refuses the language"
    RESTS = "rests after failures"
    LIMITED = "is at its limit"


@dataclass(slots=True)
class _Refusals:
    count: int = 0
    last: float = 0.0


@dataclass(slots=True)
class Health:
    """Of one provider. `embedded` ones run on this machine; all requests to a `multiplexed` one
    share a connection. `clock` gives monotonic seconds."""

    kind: Kind
    name: str
    deadlines: Deadlines
    clock: Callable[[], float]
    embedded: bool = False
    multiplexed: bool = False
    model: str = ""
    """Which of the vendor's models: prices depend on it."""
    breaker_settings: BreakerSettings = field(default_factory=BreakerSettings)
    limit: Limit = field(default_factory=Limit)
    metrics: Metrics | None = None
    breaker: Breaker = field(init=False)
    limiter: Limiter = field(init=False)
    seconds: float | None = None
    """To the first result, the average of the latest ones."""
    used: float | None = None
    """When it was last asked."""
    cold: bool = False
    """A request was given up, which closes its connection: there may be none for the next one."""
    when_cold: Callable[[], None] = lambda: None
    _refusals: dict[str, _Refusals] = field(default_factory=dict)
    _line: deque[object] = field(default_factory=deque)
    """Requests that wait for room, the first of them first."""
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.breaker = Breaker(self.breaker_settings)
        self.limiter = Limiter(self.limit)

    def __repr__(self) -> str:
        return f"<Health of {self.kind.value} {self.name}: {self.state.value}>"

    @property
    def state(self) -> State:
        return self.breaker.state(self.clock())

    def why_not(self, language: str) -> WhyNot | None:
        """Why it is not asked now in `language`; None if it may be."""
        now = self.clock()
        refused = self._refusals.get(base_language(language))
        if refused and refused.count >= REFUSALS and now - refused.last < REFUSED_SECONDS:
            return WhyNot.REFUSES
        if not self.breaker.may(now):
            return WhyNot.RESTS
        return WhyNot.LIMITED if self._line or self.limiter.wait(now) != 0.0 else None

    async def room(self, patience: float) -> bool:
        """Wait in line until a request may go out, and `enter`; False if that takes longer than
        `patience`."""
        place = object()
        self._line.append(place)
        try:
            async with asyncio.timeout(patience):
                while (wait := self._wait(place)) != 0.0:
                    await self._movement(wait)
                self.enter()
        except TimeoutError:
            return False
        finally:
            self._line.remove(place)
            self._move()
        return True

    def _wait(self, place: object) -> float | None:
        return self.limiter.wait(self.clock()) if self._line[0] is place else None

    async def _movement(self, seconds: float | None) -> None:
        """Wait until somebody leaves, or for `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._moved.wait()
        except TimeoutError:
            pass

    def _move(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

    def refused(self, language: str) -> bool:
        """Whether it refused the last request in `language`."""
        return base_language(language) in self._refusals

    def serves(self, language: str) -> bool:
        """Whether it declares `language`."""
        return serves(self.kind, self.name, language)

    def enter(self) -> None:
        """A request goes out; it ends with exactly one of `succeeded`, `failed` and `left`."""
        now = self.clock()
        self.used = now
        self.breaker.enter(now)
        self.limiter.enter(now)

    def first_result(self, seconds: float) -> None:
        """So long after the request the first of the answer came."""
        known = seconds if self.seconds is None else self.seconds
        self.seconds = known + ADAPTATION * (seconds - known)

    def succeeded(self, language: str) -> None:
        self._leave()
        self.limiter.succeeded()
        self.breaker.succeeded(self.clock())
        self._refusals.pop(base_language(language), None)

    def failed(self, language: str, error: ProviderError) -> None:
        """A refusal counts against the language, a limit against the key, the rest against all."""
        now = self.clock()
        self._leave()
        match error:
            case ProviderRefused():
                self.breaker.left()
                refused = self._refusals.setdefault(base_language(language), _Refusals())
                refused.count, refused.last = refused.count + 1, now
            case ProviderRateLimited(retry_after=seconds):
                self.breaker.left()
                self.limiter.refused(now, seconds)
                if self.metrics is not None:
                    self.metrics.provider_rate_limited.labels(self.kind.value, self.name).inc()
            case _:
                self.breaker.failed(now)

    def left(self) -> None:
        """The request was given up before it was known how it would end."""
        self._leave()
        self.breaker.left()
        # an ear's stream is opened with its call: nobody waits for one in a turn
        if self.kind is not Kind.STT and not self.multiplexed:
            self.cold = True
            self.when_cold()

    # --- told to Prometheus ---

    def count_retry(self) -> None:
        if self.metrics is not None:
            self.metrics.provider_retries.labels(self.kind.value, self.name).inc()

    def count_failover(self, failed: str) -> None:
        """It goes on where `failed` has failed."""
        if self.metrics is not None:
            self.metrics.provider_failovers.labels(self.kind.value, failed, self.name).inc()

    def count_reopened(self) -> None:
        """A stream of it that died, or came near its limit, was opened again."""
        if self.metrics is not None:
            self.metrics.provider_reopened.labels(self.name).inc()

    def count_hedge(self, *, won: bool) -> None:
        """It was asked too because another one was slow."""
        if self.metrics is not None:
            outcome = "won" if won else "lost"
            self.metrics.provider_hedges.labels(self.kind.value, self.name, outcome).inc()

    def _leave(self) -> None:
        self.limiter.left()
        self._move()


async def first_with_room(healths: Sequence[Health]) -> int | None:
    """Wait in all lines for as long as the first result may take; the index of the provider that
    was entered, or None. At least one of `healths`."""
    async with asyncio.TaskGroup() as tasks:
        waits = [tasks.create_task(each.room(each.deadlines.first)) for each in healths]
        pending = set(waits)
        while pending and not any(each.done() and each.result() for each in waits):
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for each in pending:
            each.cancel()
    found: int | None = None
    for index, wait in enumerate(waits):
        if wait.cancelled() or not wait.result():
            continue
        if found is None:
            found = index
        else:
            healths[index].left()
    return found
