"""The record of one call's conversation: what was said, heard and done, and when. Pure.

Times are seconds from the begin of the conversation; the session adds what it knows of the
channel. Entries are in the order in which they began. It holds personal data: it is written
where the administrator says, and nowhere else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from gateway.conversation.endpoint import Vote
from gateway.conversation.masking import Mask
from gateway.errors import ProviderError
from gateway.providers.base import Json
from gateway.providers.resilience.journal import Incident

MOST_ENTRIES = 2000
"""Entries of one call; later ones are only counted."""


@dataclass(slots=True)
class CallerTurn:
    """The caller said (or keyed) `text`. `votes` explain why the turn was taken to be over;
    `goes_on` says that the one before was cut off."""

    text: str
    began: float
    ended: float
    decided: float
    votes: tuple[Vote, ...] = ()
    keyed: bool = False
    goes_on: bool = False

    def to_json(self) -> Mapping[str, Json]:
        return {
            "who": "caller",
            "text": self.text,
            "keyed": self.keyed,
            "goes_on": self.goes_on,
            "began": _seconds(self.began),
            "ended": _seconds(self.ended),
            "decided": _seconds(self.decided),
            "votes": [
                {"name": vote.name, "seconds": round(vote.seconds, 3), "because": vote.because}
                for vote in self.votes
            ],
        }


@dataclass(slots=True)
class Stages:
    """When an answer passed each stage; None for those it did not need or reach.

    `speech_end` is the caller's last sound, `transcript` when the text that was answered had come,
    `decided` when the turn was certainly over, `model_first` the model's first word or tool call,
    `first_clause` words enough to be spoken, `first_audio` the voice's first, `first_heard` the
    first packet and `last_heard` the last.
    """

    speech_end: float | None = None
    decided: float | None = None
    transcript: float | None = None
    model_first: float | None = None
    first_clause: float | None = None
    first_audio: float | None = None
    first_heard: float | None = None
    last_heard: float | None = None

    def to_json(self) -> Mapping[str, Json]:
        times = (
            ("speech_end", self.speech_end),
            ("decided", self.decided),
            ("transcript", self.transcript),
            ("model_first", self.model_first),
            ("first_clause", self.first_clause),
            ("first_audio", self.first_audio),
            ("first_heard", self.first_heard),
            ("last_heard", self.last_heard),
        )
        return {name: _seconds(time) for name, time in times if time is not None}


@dataclass(slots=True)
class ToolRun:
    """A tool the model called, and what it was told."""

    name: str
    arguments: Mapping[str, Json]
    result: str
    began: float
    ended: float

    def to_json(self) -> Mapping[str, Json]:
        return {
            "name": self.name,
            "arguments": self.arguments,
            "result": self.result,
            "began": _seconds(self.began),
            "ended": _seconds(self.ended),
        }


@dataclass(slots=True)
class AgentTurn:
    """The agent said `said`, of which `heard` reached the caller."""

    kind: str
    began: float
    said: str = ""
    heard: str = ""
    interrupted: bool = False
    early: bool = False
    """Prepared before the caller's turn was certainly over."""
    stages: Stages = field(default_factory=Stages)
    tools: list[ToolRun] = field(default_factory=list)
    input_tokens: int = 0
    output_tokens: int = 0

    def to_json(self) -> Mapping[str, Json]:
        return {
            "who": "agent",
            "kind": self.kind,
            "text": self.heard,
            "said": self.said,
            "interrupted": self.interrupted,
            "early": self.early,
            "early_saved_ms": self.early_saved_ms,
            "began": _seconds(self.began),
            "stages": self.stages.to_json(),
            "answer_ms": self.answer_ms,
            "tools": [tool.to_json() for tool in self.tools],
            "tokens": {"input": self.input_tokens, "output": self.output_tokens},
        }

    @property
    def answer_ms(self) -> int | None:
        """From the caller's last sound to the first of the answer, as it left us."""
        begin, end = self.stages.speech_end, self.stages.first_heard
        return None if begin is None or end is None else round((end - begin) * 1000)

    @property
    def early_saved_ms(self) -> int | None:
        """What preparing it early saved: the time between its begin and the decision, less what it
        then only waited, ready to be heard. None for answers that were not early."""
        if not self.early or self.stages.decided is None:
            return None
        ready = self.stages.first_audio
        until = self.stages.decided if ready is None else min(ready, self.stages.decided)
        return max(0, round((until - self.began) * 1000))


@dataclass(frozen=True, slots=True)
class Noted:
    """Something out of the ordinary with a provider."""

    at: float
    incident: Incident

    def to_json(self) -> Mapping[str, Json]:
        incident = self.incident
        return {
            "at": _seconds(self.at),
            "kind": incident.kind.value,
            "provider": incident.provider,
            "what": incident.what.value,
            "because": incident.because,
        }


@dataclass(slots=True)
class Sound:
    """Something the caller uttered that was no turn: a backchannel or a noise."""

    kind: str
    text: str
    at: float
    because: str = ""

    def to_json(self) -> Mapping[str, Json]:
        return {
            "who": "caller",
            "kind": self.kind,
            "text": self.text,
            "because": self.because,
            "began": _seconds(self.at),
        }


@dataclass(slots=True)
class ThrownAway:
    """What answers cost that were prepared early and then useless. A model that is stopped often
    tells no tokens, so what it had written is counted too."""

    answers: int = 0
    characters: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def to_json(self) -> Mapping[str, Json]:
        return {
            "answers": self.answers,
            "characters": self.characters,
            "tokens": {"input": self.input_tokens, "output": self.output_tokens},
        }


@dataclass(frozen=True, slots=True)
class LanguageChange:
    """The conversation went on in another language."""

    before: str
    language: str
    at: float

    def to_json(self) -> Mapping[str, Json]:
        return {
            "who": "gateway",
            "request": "switch_language",
            "before": self.before,
            "language": self.language,
            "began": _seconds(self.at),
        }


@dataclass(slots=True)
class Transfer:
    """A request to the call: a transfer, a hang-up, the fallback."""

    request: str
    target: str
    began: float
    outcome: str | None = None
    ended: float | None = None

    def to_json(self) -> Mapping[str, Json]:
        return {
            "who": "gateway",
            "request": self.request,
            "target": self.target,
            "began": _seconds(self.began),
            "outcome": self.outcome,
            "ended": None if self.ended is None else _seconds(self.ended),
        }


Entry: TypeAlias = CallerTurn | AgentTurn | Sound | Transfer | LanguageChange


class CallRecord:
    """Entries as they come. `changed` is called after each one that begins or gets new facts."""

    def __init__(self, changed: Callable[["CallRecord"], None] | None = None) -> None:
        self.entries: list[Entry] = []
        self.dropped_entries = 0
        self.interruptions = 0
        self.thrown_away = ThrownAway()
        """Answers prepared early that the caller then made useless."""
        self.mask = Mask()
        """What is not to be found in the record."""
        self.failures: list[str] = []
        """Providers that failed, as they were reported (never with keys, audio or text)."""
        self.noted: list[Noted] = []
        """What was out of the ordinary with providers; at most MOST_ENTRIES."""
        self.end: str | None = None
        """What ended the conversation; None as long as it goes on, and when the caller hung up."""
        self._changed = changed
        self._settled: list[Json] = []
        """The first entries as JSON, as the mask of `_settled_mask` hides them."""
        self._settled_mask = 0

    def __repr__(self) -> str:
        return f"<CallRecord {len(self.entries)} entries, end {self.end}>"

    def add(self, entry: Entry) -> None:
        if len(self.entries) < MOST_ENTRIES:
            self.entries.append(entry)
        else:
            self.dropped_entries += 1
        self.touch()

    def finish(self) -> None:
        """The conversation is over, by what was asked of the call last."""
        self.end = self.asked[-1].request if self.asked else "done"
        self.touch()

    @property
    def asked(self) -> Sequence[Transfer]:
        """What the conversation has asked of the call."""
        return [entry for entry in self.entries if isinstance(entry, Transfer)]

    def note_failures(self, group: BaseExceptionGroup[ProviderError]) -> None:
        """Providers failed while the agent did something."""
        for error in group.exceptions:
            if isinstance(error, BaseExceptionGroup):
                self.note_failures(error)
            else:
                self.failures.append(str(error))
        self.touch()

    def note(self, incident: Incident, at: float) -> None:
        """Something out of the ordinary happened to a provider."""
        if len(self.noted) < MOST_ENTRIES:
            self.noted.append(Noted(at, incident))
        self.touch()

    def touch(self) -> None:
        """An entry got new facts."""
        if self._changed is not None:
            self._changed(self)

    @property
    def answers(self) -> Sequence[AgentTurn]:
        return [e for e in self.entries if isinstance(e, AgentTurn) and e.kind == "answer"]

    def to_json(self) -> Mapping[str, Json]:
        return self._with([self.mask.hide_in(entry.to_json()) for entry in self.entries])

    def so_far(self) -> Mapping[str, Json]:
        """The same while the conversation goes on, as often as it is asked for: entries that will
        not change any more are not looked at again."""
        if self._settled_mask != self.mask.revision:
            self._settled_mask = self.mask.revision
            self._settled.clear()
        for entry in self.entries[len(self._settled) :]:
            if isinstance(entry, Transfer) and entry.ended is None:
                break
            self._settled.append(self.mask.hide_in(entry.to_json()))
        rest = self.entries[len(self._settled) :]
        return self._with([*self._settled, *(self.mask.hide_in(each.to_json()) for each in rest)])

    def _with(self, turns: list[Json]) -> Mapping[str, Json]:
        return {
            "turns": turns,
            "interruptions": self.interruptions,
            "thrown_away": self.thrown_away.to_json(),
            "failures": list(self.failures),
            "providers": [noted.to_json() for noted in self.noted],
            "dropped_entries": self.dropped_entries,
            "end": self.end,
        }


def _seconds(time: float) -> float:
    return round(time, 3)
