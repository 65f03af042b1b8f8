"""Whole conversations in virtual time, against fakes with set delays."""

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from gateway.call.requests import (
    CallRequest,
    HangUp,
    RequestOutcome,
    TransferToPerson,
)
from gateway.conversation.record import Sound
from gateway.errors import ProviderError
from gateway.providers.base import Role, Samples, TextDelta, ToolCall
from gateway.tools.base import Ask, Reply
from tests.fakes.speech import Call, Model, Tick
from tests.gateway.conversation.scene import PROFILE, FakeTool, Scene, says

pytestmark = pytest.mark.virtual_time


async def test_the_greeting_is_the_first_thing_and_leaves_at_once() -> None:
    async with Scene().play() as scene:
        await scene.greeted()
        assert scene.agent() == ["Hello, this is Acme Clinic."]
        assert scene.line.left[0][0] <= 0.12


async def test_a_question_is_answered() -> None:
    scene = Scene(Model([says("We are open from nine to five.")]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("When are you open?", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        assert scene.caller() == ["When are you open?"]
        assert scene.agent("answer") == ["We are open from nine to five."]
        [request] = scene.model.requests
        assert [m.role for m in request.messages] == [Role.ASSISTANT, Role.USER]
        assert request.messages[-1].text == "When are you open?"


async def test_an_answer_prepared_early_is_heard_soon_after_the_turn_is_over() -> None:
    scene = Scene(Model([says(0.1, "We are open.")]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("When are you open?", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        [answer] = scene.record.answers
        assert answer.early
        assert answer.answer_ms is not None
        assert answer.answer_ms <= 480


async def test_sentences_are_spoken_while_the_model_still_writes() -> None:
    words = says("First part here. ", 2.0, "Second part here. ", 2.0, "Third.")
    scene = Scene(Model([words]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("Tell me everything.", after=0.5)
        await scene.until(lambda: "Second part here." in scene.speaker.spoken)
        [answer] = [t for t in scene.model.requests]
        assert scene.line.played > 80
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        assert scene.agent("answer") == ["First part here. Second part here. Third."]
        assert answer is scene.model.requests[0]


async def test_an_interruption_cuts_history_to_what_was_heard() -> None:
    long = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen."
    scene = Scene(Model([says(long), says("Sure.")]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("Count for me please.", after=0.5)
        await scene.until(lambda: scene.line.played > 200)
        scene.line.says("No stop, I changed my mind.")
        await scene.until(lambda: len(scene.agent("answer")) == 2)
        first = scene.record.answers[0]
        assert first.interrupted
        assert long.startswith(first.heard)
        assert 0 < len(first.heard.split()) < 12
        heard = [m for m in scene.model.requests[-1].messages if m.role is Role.ASSISTANT]
        assert heard[-1].interrupted
        assert heard[-1].text == first.heard + "…"
        assert scene.record.interruptions == 1


async def test_what_was_heard_is_told_to_the_word() -> None:
    text = "alpha bravo charlie delta echo foxtrot golf hotel india juliet."
    scene = Scene(Model([says(text), says("Yes.")]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("Spell it please.", after=0.5)
        began = scene.line.played
        await scene.until(lambda: scene.line.played >= began + 75)
        scene.line.says("No stop, wait a moment.")
        await scene.until(lambda: len(scene.agent("answer")) >= 1)
        spoken = (scene.record.answers[0].stages.last_heard or 0) - (
            scene.record.answers[0].stages.first_heard or 0
        )
        heard = len(scene.agent("answer")[0].split())
        assert abs(heard - spoken / scene.speaker.word_seconds) <= 1


@pytest.mark.parametrize("sound", ["Okay.", "Mm-hm.", ""])
async def test_a_backchannel_or_a_cough_lets_the_sentence_go_on(sound: str) -> None:
    text = "one two three four five six seven eight nine ten."
    scene = Scene(Model([says(text)]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("Count for me please.", after=0.5)
        await scene.until(lambda: scene.line.played > 160)
        if sound:
            scene.line.says(sound, word=0.4)
        else:
            scene.line.coughs()
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        assert scene.agent("answer") == [text]
        assert [e for e in scene.record.entries if isinstance(e, Sound)] != []
        assert scene.record.interruptions == 0
        assert len(scene.model.requests) == 1


async def test_a_click_of_one_frame_is_not_taken_for_the_quiet_frames_behind_it() -> None:
    text = "one two three four five six seven eight nine ten."
    scene = Scene(Model([says(text)]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("Count for me please.", after=0.5)
        await scene.until(lambda: scene.line.played > 160)
        for _ in range(10):
            scene.line.coughs(seconds=0.02)
            await asyncio.sleep(0.23)
            assert not scene.line.paused
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        assert [e for e in scene.record.entries if isinstance(e, Sound)] == []


async def test_the_voice_stops_within_a_tenth_of_a_second_of_the_onset() -> None:
    scene = Scene(Model([says("one two three four five six seven eight."), says("Yes.")]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("Count for me please.", after=0.5)
        await scene.until(lambda: scene.line.played > 160)
        onset = asyncio.get_running_loop().time()
        scene.line.says("No stop it right now.")
        await asyncio.sleep(0.5)
        after = [time for time, _ in scene.line.left if time > onset + 0.1]
        assert after == []


async def test_a_caller_who_goes_on_is_answered_once_and_as_a_whole() -> None:
    scene = Scene(Model([says("Too early."), says("To the airport, fine.")]))
    async with scene.play():
        await scene.greeted()
        end = scene.line.says("I need a taxi.", after=0.5)
        now = asyncio.get_running_loop().time()
        scene.line.says("To the airport at five.", after=end - now + 0.3)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        assert scene.agent("answer") == ["To the airport, fine."]
        assert scene.record.thrown_away.answers == 1
        assert scene.model.requests[-1].messages[-1].text == (
            "I need a taxi. To the airport at five."
        )


@dataclass
class Sense:
    """Finds every end `finished`, after a moment."""

    finished_by: float
    rate: int = 16000
    heard: list[int] = field(default_factory=list)

    async def finished(self, samples: Samples, /) -> float:
        self.heard.append(len(samples))
        await asyncio.sleep(0.05)
        return self.finished_by


async def test_who_sounds_unfinished_is_given_more_time() -> None:
    assert await _wait_with(Sense(0.1)) > await _wait_with(Sense(0.9)) + 300


async def _wait_with(sense: Sense) -> int:
    """Milliseconds that a question waits for its answer."""
    scene = Scene(Model([says("Yes.")]), sense=sense)
    async with scene.play():
        await scene.greeted()
        scene.line.says("When are you open?", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
    assert len(sense.heard) == 1
    assert sense.heard[0] >= 16000
    return scene.record.answers[0].answer_ms or 0


async def test_the_sense_hears_this_turn_and_not_the_one_before() -> None:
    sense = Sense(0.9)
    scene = Scene(Model([says("Yes."), says("No.")]), sense=sense)
    async with scene.play():
        await scene.greeted()
        scene.line.says("When are you open?", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        scene.line.says("When are you open?", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 2)
    first, second = sense.heard
    assert abs(first - second) < 0.1 * sense.rate


async def test_a_sense_that_fails_loses_its_vote_and_nothing_else() -> None:
    class Broken(Sense):
        async def finished(self, samples: Samples, /) -> float:
            raise ProviderError("sense", "gone")

    scene = Scene(Model([says("Yes.")]), sense=Broken(0.0))
    async with scene.play():
        await scene.greeted()
        scene.line.says("When are you open?", after=0.5)
        await scene.until(lambda: scene.agent("answer") == ["Yes."])


async def test_words_said_before_the_onset_was_believed_reach_the_recogniser() -> None:
    scene = Scene(Model([says("Fine.")]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("Please help me now.", after=0.5, word=0.06)
        await scene.until(lambda: scene.caller() != [])
        assert scene.caller() == ["Please help me now."]


async def test_a_tool_without_effect_answers_the_model() -> None:
    call = ToolCall("1", "act", {"target": "x"})
    scene = Scene(
        Model([[call], says("It is sunny.")]),
        tools={"act": FakeTool(Reply("sunny"), effect=False)},
    )
    async with scene.play():
        await scene.greeted()
        scene.line.says("How is the weather?", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        assert scene.agent("answer") == ["It is sunny."]
        tool, answer = scene.model.requests[-1].messages[-1], scene.record.answers[0]
        assert (tool.role, tool.text, tool.tool_call_id) == (Role.TOOL, "sunny", "1")
        assert [run.result for run in answer.tools] == ["sunny"]


async def test_wrong_arguments_are_told_to_the_model_and_nothing_is_run() -> None:
    tool = FakeTool(Reply("never"))
    scene = Scene(
        Model([[ToolCall("1", "act", {"wrong": 1})], says("Sorry.")]), tools={"act": tool}
    )
    async with scene.play():
        await scene.greeted()
        scene.line.says("Do it please.", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        assert tool.ran == 0
        assert "wrong" in scene.model.requests[-1].messages[-1].text


async def test_a_tool_with_effect_waits_until_the_turn_is_certain() -> None:
    tool = FakeTool(Reply("booked"))
    scene = Scene(
        Model([[ToolCall("1", "act", {})], [ToolCall("2", "act", {})], says("Booked.")]),
        tools={"act": tool},
    )
    async with scene.play():
        await scene.greeted()
        end = scene.line.says("Book a table please.", after=0.5)
        now = asyncio.get_running_loop().time()
        scene.line.says("No, two tables.", after=end - now + 0.3)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        assert tool.ran == 1


TRANSFER = Ask(
    TransferToPerson("anna", "PJSIP/1001"),
    "I am connecting you to Anna.",
    {"busy": "Anna is busy."},
)


async def test_a_transfer_is_announced_to_the_end_then_rings_then_ends_the_conversation() -> None:
    scene = Scene(
        Model([[ToolCall("1", "act", {})]]),
        tools={"act": FakeTool(TRANSFER)},
        call=Call(seconds=7.0),
    )
    async with scene.play():
        await scene.greeted()
        scene.line.says("Get me Anna please.", after=0.5)
        await scene.until(lambda: scene.call.requests != [])
        [(asked, request)] = scene.call.requests
        announced = scene.line.played
        assert request == TRANSFER.request
        await asyncio.wait_for(scene.task, 10)
        assert scene.agent("answer") == ["I am connecting you to Anna."]
        ringing = [frame for time, frame in scene.line.left[announced:] if time > asked]
        assert len(ringing) > 300, "no dead air while it rings"
        assert scene.record.end == "transfer_to_person"


async def test_a_transfer_is_recorded_even_if_it_ends_the_conversation_in_the_same_moment() -> None:
    class Session(Call):
        async def request(self, request: CallRequest) -> RequestOutcome:
            answer = asyncio.get_running_loop().create_future()
            loop = asyncio.get_running_loop()

            def put_through() -> None:
                answer.set_result(RequestOutcome.DONE)
                scene.task.cancel()

            loop.call_later(3.0, put_through)
            outcome: RequestOutcome = await answer
            return outcome

    scene = Scene(
        Model([[ToolCall("1", "act", {})]]), tools={"act": FakeTool(TRANSFER)}, call=Session()
    )
    async with scene.play():
        await scene.greeted()
        scene.line.says("Get me Anna please.", after=0.5)
        await asyncio.wait([scene.task], timeout=20)
    [asked] = scene.record.asked
    assert asked.outcome == "done"
    assert scene.record.end == "transfer_to_person"
    assert scene.agent("answer") == ["I am connecting you to Anna."]


async def test_a_transfer_that_fails_is_told_to_the_model_and_the_agent_goes_on() -> None:
    scene = Scene(
        Model([[ToolCall("1", "act", {})], says("Anna is busy, sorry.")]),
        tools={"act": FakeTool(TRANSFER)},
        call=Call({"TransferToPerson": RequestOutcome.BUSY}, seconds=3.0),
    )
    async with scene.play():
        await scene.greeted()
        scene.line.says("Get me Anna please.", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        assert scene.agent("answer") == ["I am connecting you to Anna. Anna is busy, sorry."]
        assert scene.model.requests[-1].messages[-1].text == "Anna is busy."
        assert not scene.task.done()


async def test_a_caller_who_says_no_to_the_announcement_is_not_transferred() -> None:
    scene = Scene(
        Model([[ToolCall("1", "act", {})], says("All right, I won't.")]),
        tools={"act": FakeTool(TRANSFER)},
    )
    async with scene.play():
        await scene.greeted()
        scene.line.says("Get me Anna please.", after=0.5)
        await scene.until(lambda: scene.line.played > 130)
        scene.line.says("No wait, please do not do that.")
        await scene.until(lambda: len(scene.agent("answer")) == 2)
        assert scene.call.requests == []
        told = [m.text for m in scene.model.requests[-1].messages if m.role is Role.TOOL]
        assert told == ["Not done: the caller interrupted before it."]


async def test_the_goodbye_is_heard_before_the_call_is_hung_up() -> None:
    scene = Scene(
        Model([[TextDelta("Bye bye then."), ToolCall("1", "act", {})]]),
        tools={"act": FakeTool(Ask(HangUp()))},
    )
    async with scene.play():
        await scene.greeted()
        scene.line.says("That was all, thanks.", after=0.5)
        await asyncio.wait_for(scene.task, 20)
        [(asked, request)] = scene.call.requests
        assert isinstance(request, HangUp)
        assert scene.agent("answer") == ["Bye bye then."]
        assert asked >= scene.line.left[-1][0]


async def test_a_slow_answer_is_bridged_with_changing_fillers() -> None:
    scene = Scene(Model([says(9.0, "Here it is.")]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("Look it up please.", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        fillers = [t for t in scene.speaker.spoken if t in PROFILE.phrases.fillers]
        assert fillers == ["One moment.", "Just a second."]
        assert scene.agent("answer") == ["Here it is."]
        turn = scene.record.answers[0]
        assert turn.stages.decided is not None
        waiting = [time for time, _ in scene.line.left if time > turn.stages.decided]
        gaps = [later - time for time, later in pairwise(waiting)]
        assert max(gaps) <= 1.5, "no dead air"


@pytest.mark.parametrize("said", ["Look it up please.", "Could you, well,"])
async def test_the_quiet_before_a_filler_counts_from_the_callers_last_sound(said: str) -> None:
    """However long it took to know that it was the last: yet an answer has a moment to come."""
    scene = Scene(Model([says(9.0, "Here it is.")]))
    async with scene.play():
        await scene.greeted()
        over = scene.line.says(said, after=0.5)
        await scene.until(lambda: scene.line.left[-1][0] > over)
        quiet = scene.line.left[-1][0] - over
        assert 1.6 <= quiet < 1.8


async def test_an_answer_that_never_comes_ends_with_a_person() -> None:
    scene = Scene(Model([says(99.0)]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("Look it up please.", after=0.5)
        await asyncio.wait_for(scene.task, 60)
        assert isinstance(scene.call.requests[-1][1], TransferToPerson)
        assert scene.agent("leaving") == ["Something broke. Connecting you to Anna."]


@pytest.mark.parametrize("seconds", [index * 0.217 for index in range(1, 40)])
async def test_a_caller_who_hangs_up_at_any_moment_leaves_nothing_behind(seconds: float) -> None:
    scene = Scene(
        Model([[TextDelta("Let me see. "), 0.5, ToolCall("1", "act", {})], says("Fine. ", 3.0)]),
        tools={"act": FakeTool(TRANSFER, seconds=0.4)},
        call=Call({"TransferToPerson": RequestOutcome.BUSY}),
    )
    before = asyncio.all_tasks()
    async with scene.play():
        scene.line.says("Get me Anna please.", after=2.0)
        await asyncio.sleep(seconds)
    assert asyncio.all_tasks() == before
    assert scene.model.requests == [] or scene.record.to_json()["turns"] != []


async def test_what_was_no_turn_is_in_the_record_with_its_reason() -> None:
    async with Scene().play() as scene:
        await scene.greeted()
        scene.line.coughs(after=0.5)
        await scene.until(lambda: any(isinstance(e, Sound) for e in scene.record.entries))
        [cough] = [e for e in scene.record.entries if isinstance(e, Sound)]
        assert cough.kind == "noise"
        assert cough.because.startswith("no words in 0.3")
        assert cough.because.endswith("agent silent")


async def test_a_busy_event_loop_makes_no_gap_in_the_greeting() -> None:
    greeting = "Hello, this is Acme Clinic in the middle of town. How can I help you?"
    scene = Scene(profile=PROFILE.model_copy(update={"greeting": greeting}))
    async with scene.play():
        take, begin = scene.line.on_tick, asyncio.get_running_loop().time()

        def late(tick: Tick) -> None:
            """For more than a second nothing of the line is heard; it plays on."""
            if not begin + 0.5 < tick.time < begin + 1.9:
                take(tick)

        scene.line.on_tick = late
        await scene.greeted()
        times = [time for time, _ in scene.line.left]
        assert scene.agent("greeting") == [greeting]
        assert times[-1] - times[0] > 3.0
        assert max(later - time for time, later in pairwise(times)) < 0.03
