"""Turn-taking as scripts: a `Caller` plays frames and transcripts, the events are compared."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.conversation.activity import Activity
from gateway.conversation.backchannel import Utterance
from gateway.conversation.question import Expected
from gateway.conversation.turn import (
    Agent,
    Dismiss,
    GoesOn,
    Hold,
    Interrupt,
    LikelyOver,
    Onset,
    TurnEvent,
    TurnMachine,
    TurnOver,
    WantText,
)
from gateway.providers.base import TurnHint

FRAME = 0.02


@dataclass
class Caller:
    """Speaks to a machine frame by frame. A recogniser answers `delay` after it is asked."""

    machine: TurnMachine = field(default_factory=TurnMachine)
    delay: float = 0.1
    time: float = 0.0
    text: str = ""
    confidence: float | None = None
    events: list[tuple[float, TurnEvent]] = field(default_factory=list)
    _due: list[tuple[float, float]] = field(default_factory=list)

    def says(self, seconds: float, text: str | None = None) -> "Caller":
        """Voice for so long; what the recogniser would hear of the whole segment is `text`."""
        if text is not None:
            self.text = text
        return self._frames(seconds, 0.95)

    def is_silent(self, seconds: float) -> "Caller":
        return self._frames(seconds, 0.02)

    def _frames(self, seconds: float, speech: float) -> "Caller":
        for _ in range(round(seconds / FRAME)):
            self.time = round(self.time + FRAME, 6)
            self._take(self.machine.tick(self.time, speech))
            while self._due and self._due[0][0] <= self.time:
                _, until = self._due.pop(0)
                heard = self.machine.hear_text(
                    self.time, self.text, until, confidence=self.confidence
                )
                self._take(heard)
        return self

    def _take(self, events: tuple[TurnEvent, ...]) -> None:
        for event in events:
            self.events.append((self.time, event))
            if isinstance(event, WantText):
                self._due.append((round(self.time + self.delay, 6), self.time))

    def kinds(self) -> list[type[TurnEvent]]:
        return [type(event) for _, event in self.events]

    def only(self, kind: type[TurnEvent]) -> tuple[float, TurnEvent]:
        [found] = [(time, event) for time, event in self.events if isinstance(event, kind)]
        return found

    def over_after(self) -> float:
        """Silence before the one turn was declared over."""
        _, event = self.only(TurnOver)
        assert isinstance(event, TurnOver)
        return event.decided - event.ended


def test_a_question_is_over_after_a_short_silence() -> None:
    caller = Caller().is_silent(0.2).says(1.0, "What are your opening hours?").is_silent(1.0)
    assert caller.kinds() == [Onset, WantText, LikelyOver, TurnOver]
    assert 0.3 <= caller.over_after() <= 0.4


def test_the_onset_names_the_first_voiced_frame() -> None:
    caller = Caller().is_silent(1.0).says(0.5)
    _, event = caller.only(Onset)
    assert isinstance(event, Onset)
    assert event.at == pytest.approx(1.02)


def test_an_answer_is_prepared_as_soon_as_a_whole_sentence_is_read() -> None:
    caller = Caller(delay=0.06).says(1.0, "Where are you?").is_silent(1.0)
    likely, _ = caller.only(LikelyOver)
    over, _ = caller.only(TurnOver)
    assert over - likely >= 0.12


def test_a_sentence_that_trails_off_is_waited_for() -> None:
    caller = Caller().says(1.0, "I would like to").is_silent(1.2)
    assert TurnOver not in caller.kinds()
    caller.says(0.8, "I would like to book a room.").is_silent(0.6)
    _, event = caller.only(TurnOver)
    assert isinstance(event, TurnOver)
    assert event.text == "I would like to book a room."


def test_a_turn_is_judged_in_the_language_that_is_spoken() -> None:
    german = Caller()
    german.machine.speaks("de-CH")
    german.says(1.0, "Ich rufe an wegen.").is_silent(1.2)
    assert TurnOver not in german.kinds()
    assert Caller().says(1.0, "Ich rufe an wegen.").is_silent(1.5).over_after() < 1.3


def test_a_sign_of_listening_is_known_in_the_language_that_is_spoken() -> None:
    chinese = Caller()
    chinese.machine.speaks("zh-CN")
    chinese.machine.agent(Agent.SPEAKING)
    chinese.says(0.4, "嗯，好的。").is_silent(0.6)
    _, event = chinese.only(Dismiss)
    assert isinstance(event, Dismiss)
    assert event.utterance is Utterance.BACKCHANNEL


def test_yes_to_a_yes_no_question_ends_faster_than_a_sentence() -> None:
    question = Caller()
    question.machine.agent(Agent.SILENT, Expected.YES_NO)
    question.says(0.4, "Yes.").is_silent(1.0)
    plain = Caller().says(0.4, "Yes.").is_silent(1.0)
    assert question.over_after() < plain.over_after()


def test_a_number_is_waited_for() -> None:
    caller = Caller()
    caller.machine.agent(Agent.SILENT, Expected.NUMBER)
    caller.says(0.8, "four seven").is_silent(1.0).says(0.8, "four seven one nine").is_silent(1.0)
    assert TurnOver not in caller.kinds()
    caller.is_silent(1.0)
    assert TurnOver in caller.kinds()


def test_a_likely_end_is_taken_back_when_the_caller_goes_on() -> None:
    caller = Caller().says(1.0, "I have a question.").is_silent(0.3)
    caller.says(1.0, "I have a question. Are you open?").is_silent(1.0)
    assert caller.kinds() == [Onset, WantText, LikelyOver, GoesOn, WantText, LikelyOver, TurnOver]


def test_the_caller_s_own_pauses_are_learnt() -> None:
    caller = Caller().says(1.0, "My car broke down.").is_silent(0.40)
    caller.says(1.0, "My car broke down. On the road.").is_silent(1.0)
    assert caller.over_after() > 0.46
    _, event = caller.only(TurnOver)
    assert isinstance(event, TurnOver)
    assert "habit" in [vote.name for vote in event.votes]


def test_no_text_means_a_noise_is_no_turn() -> None:
    caller = Caller().says(0.3, "").is_silent(1.0)
    assert caller.kinds() == [Onset, WantText, Dismiss]


def test_long_speech_without_a_text_is_a_turn_that_was_not_understood() -> None:
    caller = Caller().says(1.5, "").is_silent(1.5)
    _, event = caller.only(TurnOver)
    assert isinstance(event, TurnOver)
    assert event.text == ""


def test_a_slow_recogniser_is_waited_for() -> None:
    caller = Caller(delay=1.0).says(1.0, "Are you open?").is_silent(2.0)
    assert 1.1 <= caller.over_after() <= 1.3


def test_a_recogniser_that_says_over_ends_the_turn() -> None:
    caller = Caller(delay=9.0).says(1.0).is_silent(0.2)
    caller._take(caller.machine.hear_text(caller.time, "So I", caller.time, hint=TurnHint.OVER))
    assert TurnOver in caller.kinds()


def speaking_agent(expected: Expected = Expected.ANYTHING) -> Caller:
    caller = Caller()
    caller.machine.agent(Agent.SPEAKING, expected)
    return caller.is_silent(0.5)


def test_the_agent_is_held_within_three_frames_of_the_onset() -> None:
    caller = speaking_agent().says(0.3)
    time, _ = caller.only(Hold)
    assert time - 0.5 <= 0.06 + 1e-6


@pytest.mark.parametrize("text", ["Mm-hmm.", "Okay.", "Uh-huh, right.", "Thank you so much."])
def test_a_backchannel_lets_the_agent_go_on(text: str) -> None:
    caller = speaking_agent().says(0.5, text).is_silent(1.5)
    assert Interrupt not in caller.kinds()
    assert caller.only(Dismiss)[1] == Dismiss(Utterance.BACKCHANNEL, text)
    assert not caller.machine.open


def test_a_cough_lets_the_agent_go_on() -> None:
    caller = speaking_agent().says(0.3, "").is_silent(1.5)
    assert caller.only(Dismiss)[1] == Dismiss(Utterance.NOISE, "")


def test_the_beginning_of_a_hum_is_no_sentence() -> None:
    """What recognisers make of 0.45 s of an "mm-hm" of 0.64."""
    caller = speaking_agent().says(0.6, "I'm hum, hum, hum.").says(0.04, "Mm-hm.").is_silent(1.5)
    assert Interrupt not in caller.kinds()
    assert caller.only(Dismiss)[1] == Dismiss(Utterance.BACKCHANNEL, "Mm-hm.")


def test_a_sentence_takes_the_word_before_its_end() -> None:
    caller = speaking_agent().says(1.2, "I meant the other shop.")
    assert Interrupt in caller.kinds()


@pytest.mark.parametrize(
    ("text", "sure", "expected", "kind"),
    [
        ("Cut.", 0.3, Expected.ANYTHING, Dismiss),
        ("Cut.", 0.8, Expected.ANYTHING, Interrupt),
        ("Cut.", None, Expected.ANYTHING, Interrupt),
        ("Wait wait.", 0.4, Expected.ANYTHING, Interrupt),
        ("I need that.", 0.4, Expected.ANYTHING, Interrupt),
        ("Yes.", 0.4, Expected.YES_NO, Interrupt),
    ],
)
def test_a_guess_at_a_cough_takes_no_word(
    text: str, sure: float | None, expected: Expected, kind: type[TurnEvent]
) -> None:
    caller = speaking_agent(expected)
    caller.confidence = sure
    caller.says(0.4, text).is_silent(1.5)
    assert {Dismiss, Interrupt} & set(caller.kinds()) == {kind}


def test_a_click_needs_no_recogniser() -> None:
    caller = speaking_agent()
    caller.delay = 9.0
    caller.says(0.08).is_silent(0.5)
    assert caller.kinds()[-1] is Dismiss


def test_real_speech_takes_the_word_and_becomes_a_turn() -> None:
    caller = speaking_agent().says(1.2, "No, I meant the other shop.").is_silent(1.0)
    kinds = caller.kinds()
    assert kinds.index(Hold) < kinds.index(Interrupt) < kinds.index(TurnOver)
    assert kinds.count(TurnOver) == 1


def test_stop_takes_the_word_while_it_is_still_being_said() -> None:
    caller = speaking_agent().says(0.7, "Stop.")
    assert Interrupt in caller.kinds()


def test_yes_is_an_answer_when_the_agent_has_just_asked() -> None:
    caller = speaking_agent(Expected.YES_NO).says(0.4, "Yes.").is_silent(1.0)
    assert Interrupt in caller.kinds()
    assert TurnOver in caller.kinds()


def test_a_caller_who_goes_on_after_the_turn_was_over_is_given_more_time() -> None:
    caller = Caller().says(1.0, "I need a taxi.").is_silent(0.5)
    assert caller.kinds()[-1] is TurnOver
    caller.machine.agent(Agent.THINKING)
    caller.says(1.5, "To the airport at five.").is_silent(1.0)
    assert Hold in caller.kinds()
    assert Interrupt in caller.kinds()
    first, second = (e for _, e in caller.events if isinstance(e, TurnOver))
    assert second.decided - second.ended > first.decided - first.ended


def test_what_a_caller_adds_who_was_cut_off_is_the_end_of_a_sentence() -> None:
    alone = Caller().says(1.0, "At five.").is_silent(2.0)
    caller = Caller().says(1.0, "Somebody called me yesterday.").is_silent(0.5)
    caller.machine.agent(Agent.THINKING)
    caller.says(1.0, "At five.").is_silent(1.1)
    first, second = (e for _, e in caller.events if isinstance(e, TurnOver))
    assert (first.text, second.text) == ("Somebody called me yesterday.", "At five.")
    assert (first.goes_on, second.goes_on) == (False, True)
    assert second.decided - second.ended < alone.over_after()


def test_nothing_is_a_turn_while_the_agent_is_away() -> None:
    caller = Caller()
    caller.machine.agent(Agent.AWAY)
    caller.says(2.0, "Is anybody there?").is_silent(2.0)
    assert caller.events == []


def test_a_protected_phrase_is_not_held_but_the_caller_is_heard() -> None:
    caller = Caller()
    caller.machine.agent(Agent.PROTECTED)
    caller.says(1.0, "What is this?").is_silent(1.0)
    assert caller.kinds() == [Onset, WantText, LikelyOver, TurnOver]


stretches = st.lists(
    st.tuples(
        st.booleans(),
        st.floats(0.02, 1.5),
        st.sampled_from(["", "Yes.", "I want to", "Mm-hm.", "What is it?", "four seven", "Stop."]),
        st.sampled_from(list(Agent)),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(stretches, st.floats(0.0, 1.5))
def test_every_segment_that_begins_ends_once_and_every_hold_is_decided(  # noqa: C901 - one table
    script: list[tuple[bool, float, str, Agent]], delay: float
) -> None:
    caller = Caller(delay=delay)
    for voiced, seconds, text, agent in script:
        caller.machine.agent(agent)
        if voiced:
            caller.says(seconds, text)
        else:
            caller.is_silent(seconds)
    caller.machine.agent(Agent.SILENT)
    caller.is_silent(5.0)
    open_segment = held = likely = False
    for _, event in caller.events:
        match event:
            case Onset():
                assert not open_segment
                open_segment = True
            case Hold():
                assert open_segment
                held = True
            case Interrupt():
                assert held
                held = False
            case LikelyOver():
                assert open_segment
                assert not likely
                likely = True
            case GoesOn():
                assert likely
                likely = False
            case Dismiss() | TurnOver():
                assert open_segment
                assert not (held and isinstance(event, TurnOver))
                open_segment = held = likely = False
            case WantText():
                assert open_segment
    assert not open_segment
    assert not held
    assert not caller.machine.open


def test_frames_that_come_together_count_as_each_of_them() -> None:
    one_by_one, together = Activity(), Activity()
    onsets = [one_by_one.hear(nth * 0.02, 0.9) for nth in range(20)]
    assert [onsets.index(True), onsets.count(True)] == [2, 1]
    assert together.hear(2 * 0.02, 0.9, frames=3)
    assert not together.hear(19 * 0.02, 0.9, frames=17)
    assert together.voiced_seconds == pytest.approx(one_by_one.voiced_seconds)
    assert together.began == pytest.approx(one_by_one.began)
    assert together.last_voiced == one_by_one.last_voiced
