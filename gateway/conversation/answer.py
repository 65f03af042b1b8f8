"""One answer of the model: thought, spoken and acted on at the same time.

It may be made early, while it is only likely that the caller has finished. Then the model runs
and the first clause becomes audio, but nothing is heard, done or remembered before `certain`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.call.requests import RequestOutcome, ends_conversation
from gateway.conversation.company import keep_company
from gateway.conversation.means import Means
from gateway.conversation.protected import holds
from gateway.conversation.record import AgentTurn, ToolRun
from gateway.conversation.saying import close_turn
from gateway.conversation.sentences import ClauseSplitter
from gateway.conversation.utterance import Utterance
from gateway.languages import english_name
from gateway.providers.base import (
    Json,
    Message,
    ModelRequest,
    Role,
    StateUpdate,
    TextDelta,
    ToolCall,
    Usage,
)
from gateway.providers.streams import closing
from gateway.tools.base import Ask, Reply, Switch, ToolResult

CLAUSES_AHEAD = 32
"""Clauses written but not yet being made audio; then the model waits."""
MOST_PARTS = 6
"""Rounds of tool calls in one answer; then the model has to do with what it knows."""
NOT_DONE = "Not done: the caller interrupted before it."
NOT_KNOWN_YET = "Still running when the caller interrupted; its result is not known."
TOOL_GRACE = 2.0
"""Seconds that a running tool may hold up the answer to a caller who interrupted it."""


@dataclass(slots=True)
class Part:
    """One run of the model within the answer: what it wrote, and the tools it called at the end."""

    text: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    results: dict[str, str] = field(default_factory=dict)

    def messages(self) -> tuple[Message, ...]:
        """The part as the next run of the model sees it."""
        answered = (
            Message(Role.TOOL, self.results[call.id], tool_call_id=call.id) for call in self.calls
        )
        return (Message(Role.ASSISTANT, self.text, tool_calls=tuple(self.calls)), *answered)


class Answer:
    """The answer to `text`, which is the end of `messages`."""

    def __init__(
        self, means: Means, text: str, messages: tuple[Message, ...], *, early: bool
    ) -> None:
        self.text = text
        self.utterance = Utterance()
        self.turn = AgentTurn("answer", means.now(), early=early)
        self.certain = asyncio.Event()
        self.finished = False
        self._means = means
        self._messages = messages
        self._parts: list[Part] = []
        self._state: dict[str, Json] | None = None
        self._clauses: asyncio.Queue[tuple[int, str] | None] = asyncio.Queue(CLAUSES_AHEAD)
        self._asking = False
        self._progress = 0.0
        self._tool: asyncio.Task[ToolResult] | None = None

    def __repr__(self) -> str:
        certain = "certain" if self.certain.is_set() else "early"
        return f"<Answer {certain}, {len(self._parts)} parts>"

    @property
    def protected(self) -> bool:
        """Whether something is being said that must be heard to its end."""
        sentences = self._means.facts.profile.protected
        return bool(sentences) and holds(sentences, self.utterance.text(), self.utterance.heard)

    @property
    def characters(self) -> int:
        """How much the model has written."""
        return sum(len(part.text) for part in self._parts)

    async def run(self) -> None:
        """Raises ProviderError, in a group, when the model or the voice fails."""
        async with asyncio.TaskGroup() as tasks:
            company = tasks.create_task(self._keep_company())
            tasks.create_task(self._think())
            await self._speak()
            company.cancel()
        await self.certain.wait()
        await self._means.speaking.drained()

    async def settle(self) -> None:
        """Wait for a tool that was running when the answer was cut."""
        tool, self._tool = self._tool, None
        if tool is None:
            return
        done, _ = await asyncio.wait({tool}, timeout=TOOL_GRACE)
        part = self._parts[-1]
        call = next(call for call in part.calls if call.id not in part.results)
        part.results[call.id] = _result_after_cut(tool.result()) if done else NOT_KNOWN_YET

    def close(self, *, interrupted: bool) -> None:
        means = self._means
        if self._state is not None:
            means.history.state = self._state
        for index, part in enumerate(self._parts):
            heard = self.utterance.heard(index)
            if part.calls:
                results = [(call, part.results.get(call.id, NOT_DONE)) for call in part.calls]
                means.history.tools_ran(heard, results)
            else:
                cut = interrupted and heard != self.utterance.text(index)
                means.history.agent_said(heard, interrupted=cut)
        close_turn(means, self.turn, self.utterance, interrupted=interrupted)

    # --- thinking ---

    async def _think(self) -> None:
        for _ in range(MOST_PARTS):
            part = Part()
            self._parts.append(part)
            await self._write(part)
            if not part.calls:
                break
            await self._run_tools(part)
            if self.finished or self.utterance.cut:
                break
        await self._clauses.put(None)

    async def _write(self, part: Part) -> None:
        splitter = ClauseSplitter(self._means.facts.profile.recordings, self._means.facts.language)
        before = (m for earlier in self._parts[:-1] for m in earlier.messages())
        request = self._request((*self._messages, *before))
        async with closing(self._means.model.respond(request)) as events:
            async for event in events:
                match event:
                    case TextDelta(text):
                        self._stamp_model()
                        part.text += text
                        await self._put(splitter.feed(text))
                    case ToolCall():
                        self._stamp_model()
                        part.calls.append(event)
                    case StateUpdate(state):
                        self._state = dict(state)
                    case Usage():
                        self.turn.input_tokens += event.input_tokens
                        self.turn.output_tokens += event.output_tokens
        await self._put(splitter.finish())

    def _request(self, messages: tuple[Message, ...]) -> ModelRequest:
        facts = self._means.facts
        return ModelRequest(
            profile=facts.profile.name,
            instructions=facts.profile.briefing,
            language=facts.language,
            messages=messages,
            tools=self._means.toolbox.specs,
            state=self._means.history.state if self._state is None else self._state,
        )

    async def _put(self, clauses: Sequence[str]) -> None:
        for clause in clauses:
            if self.turn.stages.first_clause is None:
                self.turn.stages.first_clause = self._means.now()
            await self._clauses.put((len(self._parts) - 1, clause))

    def _stamp_model(self) -> None:
        if self.turn.stages.model_first is None:
            self.turn.stages.model_first = self._means.now()

    # --- acting ---

    async def _run_tools(self, part: Part) -> None:
        for call in part.calls:
            if self._means.toolbox.has_effect(call):
                await self.certain.wait()
            began = self._means.now()
            result = await self._run_tool(call)
            part.results[call.id] = result
            ended = self._progress = self._means.now()
            self.turn.tools.append(ToolRun(call.name, call.arguments, result, began, ended))

    async def _run_tool(self, call: ToolCall) -> str:
        # A tool that has begun is not torn off by an interruption: `close` waits for it.
        self._tool = self._means.tasks.create_task(self._means.toolbox.run(call))
        result = await asyncio.shield(self._tool)
        self._tool = None
        match result:
            case Reply(text):
                return text
            case Ask():
                return await self._ask(result)
            case Switch(language):
                return await self._switch(language)

    async def _switch(self, language: str) -> str:
        """Go on in another language, once all that belongs to the one before is said."""
        await self.certain.wait()
        await self._clauses.join()
        if not self._means.switch(language):
            return "That language is not available now. Say so."
        await self._put((self._means.facts.profile.phrases.language_changed,))
        return f"Done. Go on in {english_name(language)}."

    async def _ask(self, ask: Ask) -> str:
        """Announce it, make sure that was heard, then make the request."""
        await self.certain.wait()
        if ask.announcement:
            await self._put((ask.announcement,))
        await self._clauses.join()
        await self._means.speaking.drained()
        if self.utterance.cut:
            return NOT_DONE
        self._asking = True
        outcome = await self._means.asking.request(ask.request)
        self._asking = False
        self._means.speaking.begin(self.utterance)
        if outcome in (RequestOutcome.DONE, RequestOutcome.CALL_ENDED):
            self.finished = outcome is RequestOutcome.CALL_ENDED or ends_conversation(ask.request)
            return "Done."
        failures = ask.on_failure or {}
        return failures.get(outcome.value, f"It did not work: {outcome.value}.")

    # --- speaking ---

    async def _speak(self) -> None:
        while (item := await self._clauses.get()) is not None:
            part, clause = item
            await self._means.speaking.say(
                self.utterance, clause, part=part, certain=self.certain, made=self._stamp_audio
            )
            self._progress = self._means.now()
            self._clauses.task_done()

    def _stamp_audio(self) -> None:
        if self.turn.stages.first_audio is None:
            self.turn.stages.first_audio = self._means.now()

    async def _keep_company(self) -> None:
        await self.certain.wait()
        self._progress = self._means.now()
        await keep_company(
            self._means,
            self.utterance,
            late=self._means.model.name,
            sound=self.turn.stages.speech_end,
            progress=lambda: self._progress,
            busy=lambda: self._asking,
        )


def _result_after_cut(result: ToolResult) -> str:
    match result:
        case Reply(text):
            return text
        case Ask() | Switch():
            return NOT_DONE
