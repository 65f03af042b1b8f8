"""An answer that is delivered whole, by one provider after the other where they fail."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import structlog

from gateway.errors import (
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from gateway.providers.resilience.attempts import Candidate, answers
from gateway.providers.resilience.health import WhyNot, first_with_room
from gateway.providers.resilience.journal import Incident, What, tell
from gateway.providers.resilience.race import raced
from gateway.providers.streams import closing

Provider = TypeVar("Provider")
Asked = TypeVar("Asked", contravariant=True)
Piece = TypeVar("Piece")

log = structlog.get_logger()


class Work(Protocol[Asked, Piece]):
    """What has to be delivered, and how much of it is."""

    @property
    def language(self) -> str: ...
    @property
    def done(self) -> bool:
        """Whether what was delivered can stand as it is, should no more come."""
        ...

    def ask(self, candidate: Candidate[Asked], /) -> AsyncIterator[Piece]:
        """Ask for what was not delivered yet. May be asked of two at the same time."""
        ...

    def useful(self, piece: Piece, /) -> bool:
        """Whether an answer of nothing but such pieces is an answer."""
        ...

    def take(self, candidate: Candidate[Asked], piece: Piece, /) -> Iterable[Piece]:
        """`piece` has come; what is to be delivered of it."""
        ...

    def finish(self) -> Iterable[Piece]:
        """No more comes; what is to be delivered yet."""
        ...

    def lost(self) -> None:
        """The answer broke off; another one goes on behind what was delivered."""
        ...


@dataclass(slots=True)
class Delivery(Generic[Provider, Piece]):
    """One answer. `order` is who may be asked, the first first; a second one is asked too when the
    first is slower than `hedge` seconds (None: never)."""

    work: Work[Provider, Piece]
    order: Sequence[Candidate[Provider]]
    hedge: float | None = None
    _failed: Candidate[Provider] | None = None
    _error: ProviderError | None = None
    _waiting: list[Candidate[Provider]] = field(default_factory=list)
    _again: list[Candidate[Provider]] = field(default_factory=list)
    """Who may be asked a second time, when everybody has been asked once."""
    _retried: bool = False
    _hedged: bool = False
    _entered: Candidate[Provider] | None = None
    """Whom a place in line was waited for."""

    async def pieces(self) -> AsyncIterator[Piece]:
        """Raises the last provider's error when nobody is left to ask."""
        self._waiting = list(self.order)
        while True:
            able = await self._able()
            try:
                async with closing(self._attempt(able)) as pieces:
                    async for candidate, piece in pieces:
                        for delivered in self.work.take(candidate, piece):
                            yield delivered
            except ProviderError as error:
                self._error = error
                self.work.lost()
                if not self.work.done:
                    continue
            for delivered in self.work.finish():
                yield delivered
            return

    # --- who is asked ---

    async def _able(self) -> Sequence[Candidate[Provider]]:
        """Who can be asked now, at least one; raises when there is nobody."""
        while True:
            reasons = {c.index: c.health.why_not(self.work.language) for c in self._waiting}
            able = [c for c in self._waiting if reasons[c.index] is None]
            if able:
                return able[:2] if self.hedge is not None else able[:1]
            limited = [c for c in self._waiting if reasons[c.index] is WhyNot.LIMITED]
            if limited:
                if (found := await first_with_room([each.health for each in limited])) is not None:
                    self._entered = limited[found]
                    return (limited[found],)
                self._waiting = [each for each in self._waiting if each not in limited]
                self._error = ProviderRateLimited(limited[0].name, WhyNot.LIMITED.value)
            elif self._again and not self._retried:
                self._waiting, self._again, self._retried = self._again, [], True
                for candidate in self._waiting:
                    self._note(candidate, What.RETRIED, "nobody else is left")
                    candidate.health.count_retry()
            else:
                raise self._error or self._nobody(reasons)

    def _nobody(self, reasons: dict[int, WhyNot | None]) -> ProviderError:
        first = self.order[0]
        reason = reasons.get(first.index) or WhyNot.RESTS
        return ProviderUnavailable(first.name, reason.value)

    # --- asking ---

    async def _attempt(
        self, able: Sequence[Candidate[Provider]]
    ) -> AsyncIterator[tuple[Candidate[Provider], Piece]]:
        if len(able) == 1 or self.hedge is None:
            async with closing(self._runner(able[0])) as pieces:
                async for piece in pieces:
                    yield able[0], piece
            return
        runners = [self._later(candidate, hedges=index > 0) for index, candidate in enumerate(able)]
        async with closing(raced(runners, self.hedge)) as results:
            won: int | None = None
            async for index, piece in results:
                if won is None:
                    won = index
                    self._won(able, index)
                yield able[index], piece

    def _won(self, able: Sequence[Candidate[Provider]], index: int) -> None:
        """The race is decided; the loser could still step in for the winner."""
        winner, loser = able[index], able[1 - index]
        if self._hedged:
            able[1].health.count_hedge(won=winner is able[1])
        if loser not in self._waiting and loser is not self._failed:
            self._again.append(loser)

    def _later(
        self, candidate: Candidate[Provider], *, hedges: bool
    ) -> Callable[[], AsyncIterator[Piece]]:
        def start() -> AsyncIterator[Piece]:
            if hedges and self._failed is None:
                self._hedged = True
                self._note(candidate, What.HEDGED, f"nothing for {self.hedge} s")
            return self._runner(candidate)

        return start

    async def _runner(self, candidate: Candidate[Provider]) -> AsyncIterator[Piece]:
        """One attempt, with what has to be told of it."""
        if candidate in self._waiting:
            self._waiting.remove(candidate)
        if (before := self._failed) is not None and before is not candidate:
            candidate.health.count_failover(before.name)
            self._note(candidate, What.STEPPED_IN, f"{before.name} failed")
        work = self.work
        entered, self._entered = candidate is self._entered, None
        pieces = answers(
            candidate, work.ask, language=work.language, useful=work.useful, entered=entered
        )
        try:
            async with closing(pieces):
                async for piece in pieces:
                    yield piece
        except ProviderError as error:
            self._failed = candidate
            log.warning("provider_failed", provider=candidate.name, reason=str(error))
            self._note(candidate, What.FAILED, type(error).__name__)
            if _is_safe(error):
                self._again.append(candidate)
            raise

    def _note(self, candidate: Candidate[Provider], what: What, because: str) -> None:
        tell(Incident(candidate.health.kind, candidate.name, what, because))


def _is_safe(error: ProviderError) -> bool:
    """Whether asking the same provider again at once could help, and costs no time. It is asked
    for what was not delivered, so nothing is said or done twice."""
    return not isinstance(error, ProviderRefused | ProviderTimeout | ProviderRateLimited)
