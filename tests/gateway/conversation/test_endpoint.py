"""The votes on how long a silence must be."""

from gateway.conversation.completeness import Completeness, Judgement
from gateway.conversation.endpoint import (
    EndpointSettings,
    PauseFacts,
    PauseHabit,
    decide,
)
from gateway.providers.base import TurnHint

SETTINGS = EndpointSettings()
COMPLETE = Judgement(Completeness.COMPLETE, "whole sentence")
OPEN = Judgement(Completeness.OPEN, "one word")


def seconds(facts: PauseFacts, habit: PauseHabit | None = None) -> float:
    return decide(facts, habit or PauseHabit(), SETTINGS).seconds


def test_the_more_finished_the_text_the_shorter_the_silence() -> None:
    order = [seconds(PauseFacts(Judgement(each, ""))) for each in Completeness]
    assert order == sorted(order)


def test_without_a_text_nothing_is_decided_soon() -> None:
    assert seconds(PauseFacts(None)) == SETTINGS.without_text


def test_a_caller_s_pauses_lengthen_the_silence_and_are_forgotten_slowly() -> None:
    habit = PauseHabit()
    habit.learn(Completeness.COMPLETE, 0.7)
    with_habit = seconds(PauseFacts(COMPLETE), habit)
    assert with_habit > 0.7
    assert seconds(PauseFacts(OPEN), habit) == seconds(PauseFacts(OPEN))
    for _ in range(10):
        habit.fade()
    assert seconds(PauseFacts(COMPLETE), habit) == seconds(PauseFacts(COMPLETE))


def test_who_pauses_again_and_again_is_given_time_behind_whole_sentences_too() -> None:
    habit = PauseHabit()
    habit.learn(Completeness.UNFINISHED, 0.8)
    assert seconds(PauseFacts(COMPLETE), habit) == seconds(PauseFacts(COMPLETE))
    habit.learn(Completeness.OPEN, 0.6)
    assert 0.6 < seconds(PauseFacts(COMPLETE), habit) < 0.8
    habit.learn(Completeness.NUMBER_GOES_ON, 1.5)
    habit.learn(Completeness.NUMBER_GOES_ON, 1.5)
    assert seconds(PauseFacts(COMPLETE), habit) <= habit.LONGEST_USUAL * habit.MARGIN


def test_who_pauses_briefly_is_answered_as_soon_as_ever() -> None:
    habit = PauseHabit()
    for _ in range(8):
        habit.learn(Completeness.OPEN, 0.25)
    assert seconds(PauseFacts(COMPLETE), habit) == seconds(PauseFacts(COMPLETE))


def test_the_recogniser_s_word_that_it_is_over_is_taken() -> None:
    assert seconds(PauseFacts(OPEN, TurnHint.OVER)) == 0.0
    assert seconds(PauseFacts(OPEN, TurnHint.LIKELY_OVER)) < seconds(PauseFacts(OPEN))
    assert seconds(PauseFacts(COMPLETE, TurnHint.RESUMED)) == seconds(PauseFacts(COMPLETE))


def test_the_sound_of_the_voice_has_a_vote() -> None:
    assert seconds(PauseFacts(COMPLETE, finished=0.1)) > seconds(PauseFacts(COMPLETE))
    assert seconds(PauseFacts(OPEN, finished=0.9)) < seconds(PauseFacts(OPEN))


def test_every_decision_can_be_explained() -> None:
    habit = PauseHabit()
    habit.learn(Completeness.COMPLETE, 1.0)
    verdict = decide(PauseFacts(COMPLETE, TurnHint.LIKELY_OVER, 0.1), habit, SETTINGS)
    assert [vote.name for vote in verdict.votes] == ["text", "sound", "habit", "provider"]
    assert all(vote.because for vote in verdict.votes)
