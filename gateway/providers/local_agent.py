"""The embedded agent: answers from a profile's knowledge and arranges its intents, without a key.

It finds what is closest in meaning, never invents a word, and says when it does not understand.
It calls the same tools through the same events as any language model, and keeps nothing of a
call in itself: its memory travels as a StateUpdate.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping

from gateway.errors import ProviderRefused
from gateway.language_wish import wished_language
from gateway.languages import spoken_language
from gateway.profile import Profile
from gateway.providers import inference
from gateway.providers.base import (
    Message,
    ModelEvent,
    ModelRequest,
    Role,
    StateUpdate,
    TextDelta,
    ToolCall,
)
from gateway.providers.loading import Loading
from gateway.providers.local_agent_index import Index, Match
from gateway.providers.local_agent_moves import (
    SURE,
    Agent,
    Decision,
    Heard,
    Part,
    change_language,
)
from gateway.providers.local_agent_state import AgentState
from gateway.providers.local_agent_talk import after_tool, decide, sureness
from gateway.providers.local_agent_words import clauses, elliptic, sentences
from gateway.providers.minilm import MiniLM

NAME = "local"


class LocalAgent:
    """LanguageModel over the knowledge of `profiles`, on one thread."""

    name = NAME

    def __init__(self, profiles: Mapping[str, Profile]) -> None:
        self._profiles = profiles
        self._pool = inference.workers(NAME, 1)
        self._loading = Loading(self._pool, lambda: _load(profiles))

    async def warm(self) -> None:
        """Read every profile's knowledge; raises ProviderRefused without the model's weights."""
        await self._loading.model()

    async def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        """One answer; raises ProviderRefused for an unknown profile or another language."""
        if request.language.split("-")[0].lower() != "en":
            raise ProviderRefused(NAME, f"understands English only, not {request.language}")
        if request.profile not in self._profiles:
            raise ProviderRefused(NAME, f"knows no profile {request.profile}")
        for event in _events(await self._decide(request), call=len(request.messages)):
            yield event

    async def sureness(self, request: ModelRequest, /) -> float:
        """How sure the answer to `request` is, 0…1, where it is small talk or something known;
        0.0 for all that is arranged, done or asked back for."""
        last = request.messages[-1] if request.messages else None
        if last is None or last.role is not Role.USER or request.profile not in self._profiles:
            return 0.0
        if request.language.split("-")[0].lower() != "en":
            return 0.0
        state = AgentState.from_json(request.state)
        return sureness(state, await self._heard(request, last.text, state.topic))

    async def _heard(self, request: ModelRequest, text: str, topic: str) -> Heard:
        index = (await self._loading.model())[request.profile]
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _hear, index, text, topic)

    async def _decide(self, request: ModelRequest) -> Decision:
        profile = self._profiles[request.profile]
        agent = Agent(profile, frozenset(tool.name for tool in request.tools))
        state = AgentState.from_json(request.state)
        last = request.messages[-1] if request.messages else Message(Role.USER, "")
        if last.role is Role.TOOL:
            return after_tool(agent, state, _tool_of(request), last.text)
        text = last.text if last.role is Role.USER else ""
        if (wished := _other_language(text, request)) is not None:
            return change_language(agent, state, wished)
        return decide(agent, state, await self._heard(request, text, state.topic))


def _events(decision: Decision, *, call: int) -> tuple[ModelEvent, ...]:
    """The decision as any language model would stream it; tool ids are unique in a call."""
    events: list[ModelEvent] = [TextDelta(decision.say)] if decision.say else []
    if decision.tool is not None:
        events.append(ToolCall(f"{NAME}-{call}", decision.tool.name, dict(decision.tool.arguments)))
    return (*events, StateUpdate(decision.state.to_json()))


def _tool_of(request: ModelRequest) -> str:
    """The name of the tool whose result is the last message."""
    calls = (call for message in reversed(request.messages) for call in message.tool_calls)
    wanted = request.messages[-1].tool_call_id
    return next((call.name for call in calls if call.id == wanted), "")


def _other_language(text: str, request: ModelRequest) -> str | None:
    """The language that the caller asks for, unless it is spoken already."""
    wished = wished_language(text)
    if wished is None or spoken_language(wished) == spoken_language(request.language):
        return None
    return wished


def _load(profiles: Mapping[str, Profile]) -> Mapping[str, Index]:
    model = MiniLM()
    return {name: Index(profile, model.embed) for name, profile in profiles.items()}


def _hear(index: Index, text: str, topic: str) -> Heard:
    """`text` matched as a whole, by sentence and by clause; blocking, 4 ms each."""
    said = sentences(text)
    parts = tuple(_part(index, sentence, topic) for sentence in said)
    whole = parts[0] if len(parts) == 1 else Part(text, index.matches(text))
    return Heard(whole, parts)


def _part(index: Index, sentence: str, topic: str) -> Part:
    joined = clauses(sentence)
    halves = tuple(Part(text, index.matches(text)) for text in joined) if len(joined) > 1 else ()
    return Part(sentence, _matches(index, sentence, topic), halves)


def _matches(index: Index, sentence: str, topic: str) -> tuple[Match, ...]:
    """Half a sentence is taken by itself; if that says too little, with what was talked about."""
    rest = elliptic(sentence)
    if rest is None:
        return index.matches(sentence)
    alone = index.matches(rest)
    return index.matches(f"{topic}: {rest}") if topic and alone[0].score < SURE else alone
