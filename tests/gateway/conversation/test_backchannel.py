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


@pytest.mark.parametrize(
    ("language", "text", "while_telling", "after_a_question"),
    [
        ("de", "Ja, genau.", BACKCHANNEL, SPEECH),
        ("de", "Alles klar.", BACKCHANNEL, SPEECH),
        ("de", "Ähm", BACKCHANNEL, BACKCHANNEL),
        ("de", "Moment bitte.", SPEECH, SPEECH),
        ("es", "Vale, vale.", BACKCHANNEL, SPEECH),
        ("es-MX", "Ajá.", BACKCHANNEL, SPEECH),
        ("es", "Espere.", SPEECH, SPEECH),
        ("fr", "D'accord.", BACKCHANNEL, SPEECH),
        ("fr", "euh", BACKCHANNEL, BACKCHANNEL),
        ("fr", "Attendez.", SPEECH, SPEECH),
        ("pt", "Tá bom.", BACKCHANNEL, SPEECH),
        ("pt-BR", "uhum", BACKCHANNEL, SPEECH),
        ("pt", "Não, espera.", SPEECH, SPEECH),
        ("zh", "好的", BACKCHANNEL, SPEECH),
        ("zh", "嗯嗯，对。", BACKCHANNEL, SPEECH),
        ("zh", "等一下", SPEECH, SPEECH),
        ("pl", "hmm", BACKCHANNEL, BACKCHANNEL),
        ("pl", "okay", SPEECH, SPEECH),
    ],
)
def test_what_it_was_in_other_languages(
    language: str, text: str, while_telling: Utterance, after_a_question: Utterance
) -> None:
    assert classify(text, voiced_seconds=0.7, language=language) is while_telling
    answered = classify(text, voiced_seconds=0.7, answer_expected=True, language=language)
    assert answered is after_a_question
