"""Signs of listening, noises, and speech."""

import pytest

from gateway.conversation.backchannel import Utterance, classify

NOISE, BACKCHANNEL, SPEECH = Utterance.NOISE, Utterance.BACKCHANNEL, Utterance.SPEECH


@pytest.mark.parametrize(
    ("text", "while_telling", "after_a_question"),
    [
        ("Mm-hmm.", BACKCHANNEL, SPEECH),
        ("Hmm.", BACKCHANNEL, BACKCHANNEL),
        ("Okay.", BACKCHANNEL, SPEECH),
        ("Uh-huh, right.", BACKCHANNEL, SPEECH),
        ("Um hum,", BACKCHANNEL, SPEECH),
        ("Thank you so much!", BACKCHANNEL, SPEECH),
        ("好的", BACKCHANNEL, SPEECH),
        ("No, wait.", SPEECH, SPEECH),
        ("Stop.", SPEECH, SPEECH),
        ("Yes please connect me now", SPEECH, SPEECH),
        ("You", NOISE, NOISE),
        ("♪♪♪", NOISE, NOISE),
        ("", NOISE, NOISE),
    ],
)
def test_what_it_was(text: str, while_telling: Utterance, after_a_question: Utterance) -> None:
    assert classify(text, voiced_seconds=0.4) is while_telling
    assert classify(text, voiced_seconds=0.4, answer_expected=True) is after_a_question


def test_a_word_recognisers_invent_is_believed_when_there_was_voice_enough() -> None:
    assert classify("You", voiced_seconds=1.0) is SPEECH
