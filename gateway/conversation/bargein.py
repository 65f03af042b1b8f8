"""What a sound of the caller was, while the agent had the word: decided once, late, or not yet.

Pure. The agent is paused from the onset on, so there is time: a cough or an "mm-hm" lets it go
on where it stopped, real speech takes the word for good.
"""

from dataclasses import dataclass

from gateway.conversation.backchannel import Utterance, classify
from gateway.conversation.grammars import grammar_of


@dataclass(frozen=True, slots=True)
class BargeInSettings:
    """Seconds. A click is voice so short that no word fits; `text_in_speech` is so much voice
    that any text of it is believed before it ends: recognisers make whole sentences of the
    beginning of an "mm-hm"; `speech_without_text` is so much that no recogniser is needed;
    `patience` is how long a text is waited for in silence. One word or two of which the recogniser
    is less sure than `sure` are its guess at a cough."""

    click: float = 0.10
    click_silence: float = 0.22
    ask_after_voice: float = 0.45
    text_in_speech: float = 0.9
    speech_without_text: float = 1.8
    patience: float = 1.0
    sure: float = 0.5


@dataclass(frozen=True, slots=True)
class Sound:
    """How an undecided interruption stands. `text` is None until one covers what was said, in
    `language` (BCP 47), of which the recogniser is `confident` (0…1, None if it does not say)."""

    voiced_seconds: float
    silence: float
    speaking: bool
    text: str | None
    confident: float | None
    answer_expected: bool
    language: str


def judge(sound: Sound, settings: BargeInSettings) -> Utterance | None:
    """What the sound was, or None while it cannot be told."""
    if sound.text is not None and (verdict := _by_text(sound, sound.text, settings)):
        return verdict
    if sound.voiced_seconds >= settings.speech_without_text:
        return Utterance.SPEECH
    if sound.speaking:
        return None
    if sound.voiced_seconds <= settings.click and sound.silence >= settings.click_silence:
        return Utterance.NOISE
    return Utterance.NOISE if sound.silence >= settings.patience else None


def _by_text(sound: Sound, text: str, settings: BargeInSettings) -> Utterance | None:
    grammar = grammar_of(sound.language)
    words = grammar.split(text)
    takes_the_word = not grammar.listening.takes_the_word.isdisjoint(words)
    few = len(words) < 3
    early = few or sound.voiced_seconds < settings.text_in_speech
    if sound.speaking and early and not takes_the_word:
        return None
    doubtful = sound.confident is not None and sound.confident < settings.sure
    if doubtful and few and not takes_the_word and not sound.answer_expected:
        return Utterance.NOISE
    utterance = classify(
        text,
        voiced_seconds=sound.voiced_seconds,
        answer_expected=sound.answer_expected,
        language=sound.language,
    )
    if sound.speaking and utterance is not Utterance.SPEECH:
        return None
    return utterance
