"""What the configuration names, made: the ears, the models and the voices of all calls.

`registry_stt`, `registry_llm` and `registry_tts` list what there is of each kind. What comes out
stays up as well as its providers together can (`gateway.providers.resilience`).
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from gateway.config import Settings, services
from gateway.errors import ConfigError
from gateway.kinds import Kind, Rule
from gateway.profile import Profile
from gateway.providers.base import LanguageModel, SpeechToText, TextToSpeech
from gateway.providers.making import Makers, made
from gateway.providers.measured import MeasuredEar, MeasuredModel, MeasuredVoice, Meter
from gateway.providers.registry_llm import models as models_there_are
from gateway.providers.registry_stt import EARS
from gateway.providers.registry_tts import VOICES
from gateway.providers.resilience.attempts import Candidate
from gateway.providers.resilience.board import Board
from gateway.providers.resilience.breaker import BreakerSettings
from gateway.providers.resilience.ears import SteadyEar
from gateway.providers.resilience.health import Deadlines, Health
from gateway.providers.resilience.limiter import Limit
from gateway.providers.resilience.models import Judge, SteadyModel
from gateway.providers.resilience.voices import SteadyVoice
from gateway.providers.tally import model_of

EMBEDDED = frozenset(
    (
        *("moonshine", "local", "hibari", "classic", "embedded"),
        *("whisper", "vosk", "sherpa", "piper", "espeak"),
    )
)
"""Providers that compute on this machine."""
MULTIPLEXED = frozenset(("google",))
"""Providers whose requests share a connection, which one that is given up leaves as it is."""
EMBEDDED_DEADLINES = Deadlines(connect=60.0, first=20.0, idle=20.0, total=60.0)
"""Where this machine is slow nobody on it would be quicker: it is given time."""

Made = TypeVar("Made", SpeechToText, LanguageModel, TextToSpeech)


def speech_to_text(settings: Settings, board: Board | None = None) -> SteadyEar:
    """The ears that `stt.provider` names. Raises ConfigError for one that is not there.

    With a board that has metrics, each provider's first results and failures are told to them, as
    of the other kinds.
    """
    board = board or Board()
    chosen = settings.stt
    deadlines = Deadlines(
        connect=chosen.connect_seconds,
        first=chosen.result_seconds,
        idle=chosen.result_seconds,
        total=float("inf"),
    )
    makers = _Making(settings, board, Kind.STT, deadlines, _limits("stt", chosen.limits))
    ears = makers.candidates(chosen.provider, EARS)
    return SteadyEar([_measured_ear(each, board) for each in ears], board)


def language_model(
    settings: Settings, profiles: Mapping[str, Profile], board: Board | None = None
) -> SteadyModel:
    """The models that `llm.provider` names; the local agent answers from `profiles`."""
    board = board or Board()
    chosen = settings.llm
    makers = _Making(
        settings, board, Kind.LLM, _answered_within(chosen), _limits("llm", chosen.limits)
    )
    models = makers.candidates(chosen.provider, models_there_are(profiles))
    return SteadyModel(
        [_measured_model(each, board) for each in models],
        board,
        rules=chosen.routing,
        hedge=chosen.hedge_seconds,
        judge=_judge([each.provider for each in models], chosen.routing),
    )


def text_to_speech(settings: Settings, board: Board | None = None) -> SteadyVoice:
    """The voices that `tts.provider` names; hibari always has the classic voice behind it."""
    board = board or Board()
    chosen = settings.tts
    makers = _Making(
        settings, board, Kind.TTS, _answered_within(chosen), _limits("tts", chosen.limits)
    )
    voices = makers.candidates(_with_classic(chosen.provider), VOICES)
    return SteadyVoice(
        [_measured_voice(each, board) for each in voices], board, hedge=chosen.hedge_seconds
    )


def _answered_within(chosen: services.LanguageModel | services.TextToSpeech) -> Deadlines:
    return Deadlines(
        connect=chosen.connect_seconds,
        first=chosen.first_seconds,
        idle=chosen.idle_seconds,
        total=chosen.total_seconds,
    )


class _Making:
    """Makes the candidates of one kind."""

    def __init__(
        self,
        settings: Settings,
        board: Board,
        kind: Kind,
        deadlines: Deadlines,
        limits: Mapping[str, Limit],
    ) -> None:
        self._settings = settings
        self._board = board
        self._kind = kind
        self._deadlines = deadlines
        self._limits = limits

    def candidates(self, names: tuple[str, ...], makers: Makers[Made]) -> Sequence[Candidate[Made]]:
        field = f"{self._kind.value}.provider"
        unused = set(self._limits) - set(names)
        if unused:
            name = min(unused)
            raise ConfigError(f"{self._kind.value}.limits", name, f"is not in {field}")
        found = zip(names, made(field, names, makers, self._settings), strict=True)
        return [self._candidate(index, name, each) for index, (name, each) in enumerate(found)]

    def _candidate(self, index: int, name: str, provider: Made) -> Candidate[Made]:
        embedded = name in EMBEDDED
        chosen = self._settings.breaker
        health = Health(
            self._kind,
            provider.name,
            EMBEDDED_DEADLINES if embedded else self._deadlines,
            self._board.clock,
            embedded=embedded,
            multiplexed=name in MULTIPLEXED,
            model=model_of(provider),
            breaker_settings=BreakerSettings(
                failures=chosen.failures,
                window=chosen.window_seconds,
                rest=chosen.rest_seconds,
                longest_rest=chosen.longest_rest_seconds,
            ),
            limit=self._limits.get(name, Limit()),
            metrics=self._board.metrics,
        )
        self._board.add(provider, health)
        return Candidate(index, provider, health)


def _with_classic(names: tuple[str, ...]) -> tuple[str, ...]:
    """hibari is a young package: a second voice that needs nothing stands behind it."""
    if "classic" in names or not {"hibari", "embedded"}.intersection(names):
        return names
    return (*names, "classic")


def _limits(section: str, written: Sequence[str]) -> Mapping[str, Limit]:
    """`name=concurrent/per_minute`, of which either may be left out."""
    limits: dict[str, Limit] = {}
    for entry in written:
        name, _, numbers = entry.partition("=")
        if name in limits:
            raise ConfigError(f"{section}.limits", entry, f"{name} has a limit already")
        concurrent, _, per_minute = numbers.partition("/")
        limits[name] = Limit(
            int(concurrent) if concurrent else None, int(per_minute) if per_minute else None
        )
    return limits


def _judge(models: Sequence[LanguageModel], rules: Sequence[Rule]) -> Judge | None:
    """Who can tell whether a turn is easy. Raises ConfigError where a rule needs it in vain."""
    judge = next((model for model in models if isinstance(model, Judge)), None)
    if judge is None and Rule.EASY_LOCAL in rules:
        raise ConfigError("llm.routing", Rule.EASY_LOCAL, "needs `local` in llm.provider")
    return judge


def _measured_ear(each: Candidate[SpeechToText], board: Board) -> Candidate[SpeechToText]:
    if board.metrics is None:
        return each
    meter = Meter(board.metrics, Kind.STT, each.name).of_model(each.health.model)
    return Candidate(each.index, MeasuredEar(each.provider, meter), each.health)


def _measured_model(each: Candidate[LanguageModel], board: Board) -> Candidate[LanguageModel]:
    if board.metrics is None:
        return each
    meter = Meter(board.metrics, Kind.LLM, each.name).of_model(each.health.model)
    return Candidate(each.index, MeasuredModel(each.provider, meter), each.health)


def _measured_voice(each: Candidate[TextToSpeech], board: Board) -> Candidate[TextToSpeech]:
    if board.metrics is None:
        return each
    meter = Meter(board.metrics, Kind.TTS, each.name).of_model(each.health.model)
    return Candidate(each.index, MeasuredVoice(each.provider, meter), each.health)
