"""Who answers: the agent a caller gets, from AI_CONTEXT and AI_LANGUAGE in the dialplan."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import structlog

from gateway.ari.resources import Channel
from gateway.conversation.dialogue import CallControl, CallFacts, Dialogue, DialogueSettings
from gateway.conversation.listening import EndSense
from gateway.conversation.means import Tongue
from gateway.conversation.prompts import backdrop
from gateway.conversation.sessions import Session, Sessions
from gateway.conversation.spares import Spares
from gateway.conversation.speech import SpeechLibrary, SpeechMaker
from gateway.metrics import Metrics
from gateway.money.purse import paying
from gateway.profile import Profile, choose_profile, in_language
from gateway.providers.base import LanguageModel, SpeechToText, TextToSpeech, Voice
from gateway.providers.resilience.board import Board
from gateway.session.callfile import Archive, CallFile, LeftOver
from gateway.session.casting import Casting
from gateway.session.counting import Counted, count
from gateway.session.hands import Hands
from gateway.session.phrasebook import first_words, fixed_phrases
from gateway.session.switchboard import Newcomer
from gateway.session.treasury import Treasury
from gateway.store.base import BytesStore
from gateway.tools.registry import tools_for
from rtp.codec import Codec
from rtp.engine import Leg
from rtp.statistics import LegStatistics

CONTEXT_VARIABLE = "AI_CONTEXT"
LANGUAGE_VARIABLE = "AI_LANGUAGE"
DIALLED_NUMBER = "CALLERID(dnid)"
"""What the caller dialled, wherever the dialplan has gone since."""
WANTED_VARIABLES = (CONTEXT_VARIABLE, LANGUAGE_VARIABLE, DIALLED_NUMBER)

log = structlog.get_logger()


class Sense(EndSense, Protocol):
    """An ear for whether a caller has finished, shared by all calls."""

    async def warm(self) -> None: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Providers:
    """Who listens, thinks and speaks; `sense` has a vote on the end of turns."""

    stt: SpeechToText
    model: LanguageModel
    tts: TextToSpeech
    board: Board
    """How they are; its `run` belongs to a task of the application's."""
    sense: Sense | None = None

    async def warm(self) -> None:
        """Load and connect all of them, so that no caller waits for it. Raises ProviderError."""
        await asyncio.gather(*(each.warm() for each in self._all))

    async def close(self) -> None:
        """Let go of what all calls shared: nothing is asked of them any more."""
        await asyncio.gather(*(each.close() for each in self._all))

    @property
    def _all(self) -> tuple[SpeechToText | LanguageModel | TextToSpeech | Sense, ...]:
        voices = (self.stt, self.model, self.tts)
        return voices if self.sense is None else (*voices, self.sense)


@dataclass(frozen=True, slots=True)
class Desk:
    """All agents of a gateway."""

    profiles: Mapping[str, Profile]
    default_profile: str
    providers: Providers
    library: SpeechLibrary
    codec: Codec
    hands: Hands
    archive: Archive
    metrics: Metrics
    treasury: Treasury
    sessions: Sessions
    spares: Spares
    casting: Casting
    settings: DialogueSettings = field(default_factory=DialogueSettings)
    findings: BytesStore | None = None
    """Where gateways tell each other which providers have failed."""
    agents: dict[str, "CallAgent"] = field(default_factory=dict)
    """The agents of live calls, by call id."""

    async def open(self) -> None:
        """Have all that the first caller needs: providers, first words, what the day has cost."""
        for name in self.profiles:
            await self.treasury.accounts.meet(name)
        for profile in self.profiles.values():
            for language in self.casting.spoken(profile):
                spoken = in_language(profile, language)
                self.spares.load(spoken.phrases.apology, language)
                for sound in (profile.waiting.sound, profile.waiting.transfer):
                    backdrop(sound, self.codec, language)
        with paying(self.treasury.house()):
            await self.providers.warm()
            await asyncio.gather(*(each.warm() for each in self.casting.extra))
            await self.prepare_greetings()

    async def prepare_greetings(self) -> None:
        """Have every agent's first words ready to send: nobody waits for them."""
        for profile in self.profiles.values():
            await self._prepare(profile, first_words)

    async def prepare_phrases(self) -> None:
        """Have the rest of what every agent says in fixed words ready, while calls come in."""
        for profile in self.profiles.values():
            await self._prepare(profile, fixed_phrases)
            for language in self.casting.spoken(profile):
                spoken = in_language(profile, language)
                maker = self.maker(spoken, language)
                await asyncio.to_thread(maker.keep_spare, spoken.phrases.apology)

    async def _prepare(
        self, profile: Profile, phrases: Callable[[Profile], tuple[str, ...]]
    ) -> None:
        """In all the languages in which a call can begin."""
        for language in self.casting.spoken(profile) if self.library.most_bytes else ():
            spoken = in_language(profile, language)
            await self.maker(spoken, language).prepare(phrases(spoken))

    async def keep_left_over(self) -> None:
        """Write down the calls that a gateway before us could not finish."""
        for session in await self.sessions.left_over():
            log.warning("call_left_over", call=session.call_id)
            self.archive.keep(LeftOver(session))
        await self.sessions.told()

    async def agent_for(self, newcomer: Newcomer) -> "CallAgent":
        """The agent for a new call. Raises ConfigError when AI_CONTEXT names none."""
        variables = await self._variables(newcomer.channel)
        name = variables.get(CONTEXT_VARIABLE) or self.default_profile
        profile = choose_profile(self.profiles, name, field=CONTEXT_VARIABLE)
        language = self._language(variables.get(LANGUAGE_VARIABLE), profile)
        channel = newcomer.channel
        file = CallFile(
            call_id=newcomer.call_id,
            channel=channel.id,
            caller_number=channel.caller.number,
            called=variables.get(DIALLED_NUMBER) or channel.dialplan.exten,
            profile=profile.name,
            language=language,
            began=datetime.now(UTC),
            arrived=newcomer.arrived,
        )
        return CallAgent(self, profile, file, await self._earlier(profile, file))

    async def _earlier(self, profile: Profile, file: CallFile) -> Session | None:
        """What this caller may go on with."""
        if not profile.resume_seconds:
            return None
        return await self.sessions.of_caller(profile.name, file.caller_number)

    def maker(self, profile: Profile, language: str) -> SpeechMaker:
        """A call's voice; `profile` is the agent as it is in `language`."""
        voice = Voice(language, profile.voice.name, profile.voice.speed)
        tts = self.casting.voice(profile, language, self.providers.tts)
        return SpeechMaker(
            tts, voice, self.codec, self.library, profile.recordings, spares=self.spares
        )

    def _language(self, wanted: str | None, profile: Profile) -> str:
        """The language a call begins in; one that was wanted in vain is told to the operator."""
        language, because = self.casting.beginning(profile, wanted)
        if because:
            log.warning(
                "language_not_spoken",
                variable=LANGUAGE_VARIABLE,
                value=wanted,
                profile=profile.name,
                because=because,
                instead=language,
            )
            self.metrics.languages_not_spoken.labels(profile.name).inc()
        return language

    async def _variables(self, channel: Channel) -> Mapping[str, str]:
        """Asterisk tells them with the event where ari.conf says `channelvars`; else we ask."""
        told = channel.channelvars
        if all(name in told for name in WANTED_VARIABLES):
            return told
        return await self.hands.variables(channel.id, WANTED_VARIABLES)


class CallAgent:
    """One call's agent, and the keeper of its file."""

    def __init__(
        self, desk: Desk, profile: Profile, file: CallFile, earlier: Session | None
    ) -> None:
        self.file = file
        self.earlier = earlier
        """What the caller goes on with."""
        self._desk = desk
        self._profile = profile.model_copy(update={"also": desk.casting.spoken(profile)})

    def __repr__(self) -> str:
        return f"<CallAgent {self._profile.name} of call {self.file.call_id}>"

    @property
    def listen_rate(self) -> int:
        return self._desk.providers.stt.rate

    def converse(self, mouth: Leg, control: CallControl) -> Dialogue:
        desk, file = self._desk, self.file
        desk.agents[file.call_id] = self
        file.conversed = time.monotonic()
        purse = desk.treasury.purse(self._profile, file.call_id)
        file.bill = purse.bill
        tongue = self._tongue(file.language)
        return Dialogue(
            tongue.facts,
            mouth=mouth,
            control=Counted(control, desk.metrics),
            stt=tongue.stt,
            model=desk.providers.model,
            voice=tongue.voice,
            tools=tongue.tools,
            tongues=self._other_tongue,
            record=file.record,
            clock=time.monotonic,
            sense=desk.providers.sense,
            sessions=desk.sessions,
            earlier=self.earlier,
            purse=purse,
            settings=desk.settings,
        )

    def _tongue(self, language: str) -> Tongue:
        """What the call is made of in `language`."""
        desk, file = self._desk, self.file
        profile = in_language(self._profile, language)
        return Tongue(
            CallFacts(
                file.call_id,
                file.caller_number,
                profile,
                language,
                file.began.isoformat(timespec="milliseconds"),
            ),
            desk.casting.ear(self._profile, language, desk.providers.stt),
            desk.maker(profile, language),
            tools_for(profile),
        )

    def _other_tongue(self, language: str) -> Tongue | None:
        """That of a language that the caller asks for, if it can be spoken."""
        if language not in self._profile.also:
            return None
        self._desk.metrics.language_changes.labels(language).inc()
        return self._tongue(language)

    def ended(self, reason: str, media: LegStatistics | None) -> None:
        """Close the call's file: into the archive and the metrics."""
        file, metrics = self.file, self._desk.metrics
        self._desk.agents.pop(file.call_id, None)
        file.ended, file.end_reason, file.media = time.monotonic(), reason, media
        self._desk.archive.keep(file)
        count(file, metrics)
        if self.earlier is not None:
            metrics.callers_returned.inc()
