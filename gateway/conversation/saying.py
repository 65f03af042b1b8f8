"""Acts without a model: a phrase of the profile, and the ways out of a conversation."""

import asyncio

from gateway.call.requests import (
    CallRequest,
    HangUp,
    LeaveToFallback,
    RequestOutcome,
    TransferToPerson,
)
from gateway.conversation.means import Means
from gateway.conversation.protected import holds
from gateway.conversation.record import AgentTurn
from gateway.conversation.utterance import Utterance
from gateway.errors import ProviderError


class Saying:
    """Says `text`, and then makes `request` if there is one."""

    def __init__(
        self, means: Means, kind: str, text: str, request: CallRequest | None = None
    ) -> None:
        self.utterance = Utterance()
        self.turn = AgentTurn(kind, means.now())
        self.certain = asyncio.Event()
        self.finished = False
        self._means = means
        self._text = text
        self._request = request

    def __repr__(self) -> str:
        return f"<Saying {self.turn.kind}>"

    @property
    def protected(self) -> bool:
        """Whether it holds something that must still be heard to its end."""
        sentences = self._means.facts.profile.protected
        return bool(sentences) and holds(sentences, self._text, self.utterance.heard)

    async def run(self) -> None:
        await self._means.speaking.say(self.utterance, self._text, certain=self.certain)
        await self._means.speaking.drained()
        if self._request is not None and not self.utterance.cut:
            await self._means.asking.request(self._request)
            self.finished = True

    async def settle(self) -> None:
        """Nothing of it goes on after a cut."""

    def close(self, *, interrupted: bool) -> None:
        close_turn(self._means, self.turn, self.utterance, interrupted=interrupted)
        self._means.history.agent_said(self.utterance.heard(), interrupted=interrupted)


class Leaving:
    """The agent cannot go on: it says so if it still can, and brings the caller to a person.

    Without a person, or when none can be reached, the dialplan's fallback has the caller, with
    `reason`; or the call ends with the profile's goodbye, if it `ends`. A voice that fails is
    passed over: the caller always gets somewhere.
    """

    def __init__(self, means: Means, text: str, reason: str, *, ends: bool = False) -> None:
        self.utterance = Utterance()
        self.turn = AgentTurn("leaving", means.now())
        self.certain = asyncio.Event()
        self.finished = False
        self.protected = True
        self._means = means
        self._text = text
        self._reason = reason
        self._ends = ends

    def __repr__(self) -> str:
        return f"<Leaving {self._reason}>"

    async def run(self) -> None:
        await self._apologise()
        if await self._find_person():
            self.finished = True
            return
        if self._ends:
            await self._say(self._means.facts.profile.goodbye)
            await self._means.asking.request(HangUp())
        else:
            await self._means.asking.request(LeaveToFallback(self._reason))
        self.finished = True

    async def settle(self) -> None:
        """Nothing of it goes on after a cut."""

    def close(self, *, interrupted: bool) -> None:
        close_turn(self._means, self.turn, self.utterance, interrupted=interrupted)
        self._means.history.agent_said(self.utterance.heard(), interrupted=interrupted)

    async def _apologise(self) -> None:
        """At once: from a recording where it is the voice that has failed."""
        speaking = self._means.speaking
        recording = None if self._ends else speaking.spare_for(self._text)
        if recording is None and not await self._say(self._text):
            recording = speaking.last_resort
        if recording is not None:
            await speaking.play(self.utterance, recording)
            await speaking.drained()

    async def _find_person(self) -> bool:
        """Whether the caller is with the profile's default person now."""
        profile = self._means.facts.profile
        if profile.default_person is None:
            return False
        person = profile.people[profile.default_person]
        await self._say(profile.phrases.connecting.format(person=person.description))
        request = TransferToPerson(profile.default_person, person.endpoint, person.timeout)
        outcome = await self._means.asking.request(request)
        if outcome in (RequestOutcome.DONE, RequestOutcome.CALL_ENDED):
            return True
        self._means.speaking.begin(self.utterance)
        await self._say(profile.phrases.nobody_available.format(person=person.description))
        return False

    async def _say(self, text: str) -> bool:
        """Whether a voice could."""
        said = True
        try:
            await self._means.speaking.say(self.utterance, text, certain=self.certain)
        except* ProviderError as lost:
            self._means.record.note_failures(lost)
            said = False
        await self._means.speaking.drained()
        return said


def goodbye(means: Means, text: str) -> Saying:
    """Says `text` and hangs up when it was heard."""
    return Saying(means, "goodbye", text, HangUp())


def close_turn(means: Means, turn: AgentTurn, utterance: Utterance, *, interrupted: bool) -> None:
    """Write down what of an act's words was heard."""
    turn.said, turn.heard = utterance.text(), utterance.heard()
    turn.interrupted = interrupted and turn.heard != turn.said
    turn.stages.first_heard = utterance.first_heard
    turn.stages.last_heard = utterance.last_heard
    means.record.add(turn)
