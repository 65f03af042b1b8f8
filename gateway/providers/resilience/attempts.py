"""One request to one provider, with its deadlines."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.errors import ProviderError, ProviderProtocol, ProviderTimeout
from gateway.providers.patience import Patience
from gateway.providers.resilience.health import Health
from gateway.providers.streams import closing

Provider = TypeVar("Provider")
Offered = TypeVar("Offered", covariant=True)
Piece = TypeVar("Piece")


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Offered]):
    """A provider that may be asked. `index` is its place in the operator's list."""

    index: int
    provider: Offered
    health: Health

    @property
    def name(self) -> str:
        return self.health.name


async def answers(
    candidate: Candidate[Provider],
    ask: Callable[[Candidate[Provider]], AsyncIterator[Piece]],
    *,
    language: str,
    useful: Callable[[Piece], bool],
    entered: bool = False,
) -> AsyncIterator[Piece]:
    """What the provider answers; how that went is added to its health, which it has `entered` or
    enters now.

    Raises ProviderTimeout when a deadline passes (only waiting for it counts), ProviderProtocol
    when it ends without anything `useful`, and what the provider raises.
    """
    health = candidate.health
    if not entered:
        health.enter()
    settled = False
    try:
        async with closing(ask(candidate)) as pieces:
            some_use = False
            async with closing(_in_time(health, pieces)) as timed:
                async for piece in timed:
                    some_use = some_use or useful(piece)
                    yield piece
            if not some_use:
                raise ProviderProtocol(candidate.name, "answered nothing")
    except ProviderError as error:
        settled = True
        health.failed(language, error)
        raise
    else:
        settled = True
        health.succeeded(language)
    finally:
        if not settled:
            health.left()


async def _in_time(health: Health, pieces: AsyncIterator[Piece]) -> AsyncIterator[Piece]:
    deadlines, waited, first = health.deadlines, 0.0, True
    with Patience() as patience:
        while True:
            left = deadlines.total - waited
            limit = min(deadlines.first if first else deadlines.idle, left)
            begun = health.clock()
            try:
                piece = await patience.wait(anext(pieces), limit)
            except StopAsyncIteration:
                return
            except TimeoutError:
                what = "the first result" if first else "the next result"
                what = "the whole answer" if limit == left else what
                problem = f"{what} did not come in {limit:.1f} s"
                raise ProviderTimeout(health.name, problem) from None
            waited += health.clock() - begun
            if first:
                health.first_result(waited)
            first = False
            yield piece
