"""Several language models as one that stays up."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Protocol, runtime_checkable

from gateway.kinds import Kind, Rule
from gateway.money.purse import purse_of_asker
from gateway.providers.base import (
    LanguageModel,
    ModelEvent,
    ModelRequest,
    Role,
    TextDelta,
    ToolCall,
)
from gateway.providers.resilience.attempts import Candidate
from gateway.providers.resilience.board import Board
from gateway.providers.resilience.continuing import Seam, continued
from gateway.providers.resilience.delivery import Delivery
from gateway.providers.resilience.journal import Incident, What, tell
from gateway.providers.resilience.routing import order
from gateway.providers.streams import closing


@runtime_checkable
class Judge(Protocol):
    """Knows how sure the embedded agent is of its answer to a request, 0…1."""

    async def sureness(self, request: ModelRequest, /) -> float: ...


class SteadyModel:
    """LanguageModel by `models`, as they are listed and `rules` say.

    A model that fails in mid-answer is followed by one that goes on behind its last word. After a
    tool call nothing needs to follow: the tool's result is a request of its own. `judge` is asked
    where the rule `easy-local` holds.
    """

    def __init__(
        self,
        models: Sequence[Candidate[LanguageModel]],
        board: Board,
        *,
        rules: Sequence[Rule] = (),
        hedge: float | None = None,
        judge: Judge | None = None,
    ) -> None:
        self.name = models[0].name
        self._models = models
        self._board = board
        self._rules = rules
        self._hedge = hedge
        self._judge = judge

    async def warm(self) -> None:
        await self._board.warm(self._models)

    async def close(self) -> None:
        for each in self._models:
            await each.provider.close()

    async def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        candidates = await self._order(request)
        delivery = Delivery(_Answer(request), candidates, self._hedge)
        async with closing(delivery.pieces()) as events:
            async for event in events:
                yield event

    async def _order(self, request: ModelRequest) -> Sequence[Candidate[LanguageModel]]:
        if len(self._models) == 1:
            return self._models
        easy = 0.0
        if self._judge is not None and Rule.EASY_LOCAL in self._rules:
            easy = await self._judge.sureness(request)
        standings = [self._board.standing(each.health, request.language) for each in self._models]
        purse = purse_of_asker()
        thrifty = purse is not None and purse.thrifty
        choices = order(standings, self._rules, easy=easy, thrifty=thrifty)
        if (first := choices[0]).index != 0:
            tell(Incident(Kind.LLM, first.name, What.CHOSEN, first.because))
        return [self._models[choice.index] for choice in choices]


class _Answer:
    """Work: one answer of a model."""

    def __init__(self, request: ModelRequest) -> None:
        self.language = request.language
        self.done = False
        self._request = request
        self._said = ""
        self._seam = Seam("")
        last = request.messages[-1].role if request.messages else Role.USER
        self._may_be_silent = last is Role.TOOL

    def ask(self, candidate: Candidate[LanguageModel], /) -> AsyncIterator[ModelEvent]:
        request = self._request
        # The embedded agent matches what the caller said: instructions mean nothing to it.
        if self._said and not candidate.health.embedded:
            request = continued(request, self._said)
        return candidate.provider.respond(request)

    def useful(self, piece: ModelEvent, /) -> bool:
        match piece:
            case TextDelta(text):
                return bool(text.strip())
            case ToolCall():
                return True
            case _:
                return self._may_be_silent or bool(self._said)

    def take(
        self, candidate: Candidate[LanguageModel], piece: ModelEvent, /
    ) -> Iterator[ModelEvent]:
        match piece:
            case TextDelta(text):
                yield from self._text(self._seam.push(text))
            case ToolCall():
                yield from self.finish()
                self.done = True
                yield piece
            case _:
                yield piece

    def finish(self) -> Iterator[ModelEvent]:
        yield from self._text(self._seam.finish())

    def lost(self) -> None:
        self._seam = Seam(self._said)

    def _text(self, text: str) -> Iterator[ModelEvent]:
        if text:
            self._said += text
            yield TextDelta(text)
