"""What a caller hears who has to wait: words, then a sound without gaps, then a person."""

import asyncio
from itertools import pairwise

import numpy as np
import pytest

from gateway.call.requests import RequestOutcome, SendDigits, TransferToPerson
from gateway.conversation.backdrop import Backdrop
from gateway.conversation.clip import Clip
from gateway.conversation.prompts import backdrop
from gateway.conversation.record import AgentTurn, Stages
from gateway.conversation.tones import music
from gateway.conversation.utterance import Clause, Utterance
from gateway.profile import Sound, Unheard, Waiting
from gateway.providers.base import Role, TextDelta, ToolCall
from gateway.tools.base import Ask
from rtp.codec import Codec
from tests.fakes.speech import Call, Model
from tests.gateway.conversation.scene import PROFILE, FakeTool, Scene


def test_a_backdrop_goes_on_where_it_stopped_and_begins_again() -> None:
    frames = np.arange(5, dtype=np.uint8).reshape(5, 1)
    sound = Backdrop(Clip(frames, np.zeros(5, np.int8)))
    assert sound.next(2).frames.ravel().tolist() == [0, 1]
    assert sound.next(4).frames.ravel().tolist() == [2, 3, 4, 0]
    assert sound.next(11).frames.ravel().tolist() == [1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]


def test_music_has_no_seam() -> None:
    once = music(8000)
    assert len(once) == 12 * 8000
    twice = np.concatenate((once, once))
    steps = np.abs(np.diff(twice))
    at_the_seam = steps[len(once) - 2 : len(once) + 1]
    assert at_the_seam.max() <= np.percentile(steps, 99.9)


def quiet(sound: Sound) -> Waiting:
    return Waiting(sound=sound, sound_seconds=0.5, next_filler_seconds=30.0)


@pytest.mark.virtual_time
@pytest.mark.parametrize("sound", [Sound.TYPING, Sound.MUSIC])
async def test_work_is_heard_without_a_gap_until_the_answer_comes(sound: Sound) -> None:
    profile = PROFILE.model_copy(update={"waiting": quiet(sound)})
    scene = Scene(Model([[12.0, TextDelta("Here it is.")]]), profile=profile)
    async with scene.play():
        await scene.greeted()
        end = scene.line.says("Look it up please.", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
    clip = backdrop(sound, Codec.PCMU, "en-US")
    assert clip is not None
    known = {frame.tobytes() for frame in clip.frames}
    times = [time for time, frame in scene.line.left if time > end and frame in known]
    ends = [time for time, later in pairwise([*times, times[-1] + 9]) if later - time > 0.05]
    begins = [times[0], *(later for time, later in pairwise(times) if later - time > 0.05)]
    assert max(end - begin for begin, end in zip(begins, ends, strict=True)) > 8.0
    heard = scene.record.answers[0].stages.first_heard
    assert heard is not None
    assert len([entry for entry in scene.record.entries if isinstance(entry, AgentTurn)]) == 2


@pytest.mark.virtual_time
async def test_nothing_is_heard_where_silence_is_wanted() -> None:
    profile = PROFILE.model_copy(update={"waiting": quiet(Sound.SILENCE)})
    scene = Scene(Model([[12.0, TextDelta("Here it is.")]]), profile=profile)
    async with scene.play():
        await scene.greeted()
        end = scene.line.says("Look it up please.", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
    times = [time for time, _ in scene.line.left if time > end]
    assert max(later - time for time, later in pairwise(times)) > 8.0


@pytest.mark.virtual_time
async def test_who_had_us_on_hold_has_not_waited_for_more_words_meanwhile() -> None:
    profile = PROFILE.model_copy(update={"waiting": Waiting(longest_seconds=60.0)})
    scene = Scene(Model([[30.0, TextDelta("Here it is.")]]), profile=profile)
    first, second = PROFILE.phrases.fillers[:2]
    loop = asyncio.get_running_loop()
    async with scene.play():
        await scene.greeted()
        scene.line.says("Look it up please.", after=0.5)
        await scene.until(lambda: first in scene.speaker.spoken)
        await asyncio.sleep(2.0)
        scene.dialogue.caller_holds(on=True)
        await asyncio.sleep(8.0)
        scene.dialogue.caller_holds(on=False)
        back = loop.time()
        await scene.until(lambda: second in scene.speaker.spoken)
        assert loop.time() - back > 0.9 * profile.waiting.next_filler_seconds


@pytest.mark.virtual_time
async def test_a_filler_that_is_ready_too_late_is_not_heard_while_a_person_is_called() -> None:
    ask = Ask(TransferToPerson("anna", "PJSIP/1"))
    call = Call({"TransferToPerson": RequestOutcome.BUSY}, seconds=4.0)
    scene = Scene(
        Model([[1.6, ToolCall("1", "act", {})], [TextDelta("She is busy.")]]),
        tools={"act": FakeTool(ask)},
        call=call,
    )
    async with scene.play():
        await scene.greeted()
        said = _words_that_are_played(scene)
        scene.speaker.first_delay = 2.0
        scene.line.says("Anna please.", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
    assert PROFILE.phrases.fillers[0] in scene.speaker.spoken, "it was due"
    assert list(dict.fromkeys(said)) == ["", "She is busy."], "the first is the ringing"


def _words_that_are_played(scene: Scene) -> list[str]:
    """The text of every clip that is played from now on; none for what is no speech."""
    said: list[str] = []
    speaking = scene.dialogue._speaking
    play = speaking._play

    async def noting(utterance: Utterance, clause: Clause, clip: Clip) -> None:
        said.append(clause.text)
        await play(utterance, clause, clip)

    speaking._play = noting  # type: ignore[method-assign]
    return said


@pytest.mark.virtual_time
async def test_the_profile_says_how_long_is_too_long() -> None:
    waiting = Waiting(filler_seconds=0.5, longest_seconds=4.0)
    scene = Scene(Model([[99.0]]), profile=PROFILE.model_copy(update={"waiting": waiting}))
    async with scene.play():
        await scene.greeted()
        end = scene.line.says("Look it up please.", after=0.5)
        await scene.until(lambda: scene.call.requests != [], within=30.0)
        asked, request = scene.call.requests[0]
        assert isinstance(request, TransferToPerson)
        assert asked - end < 12.0


@pytest.mark.virtual_time
async def test_a_caller_who_never_speaks_can_be_given_to_a_person() -> None:
    profile = PROFILE.model_copy(update={"no_input_leads_to": Unheard.PERSON})
    async with Scene(profile=profile).play() as scene:
        await scene.until(lambda: scene.call.requests != [], within=60.0)
        assert isinstance(scene.call.requests[0][1], TransferToPerson)
        assert scene.agent("no_input") == ["Are you there?"]


# --- sent digits --------------------------------------------------------------------------------


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    ("outcome", "told"),
    [(RequestOutcome.DONE, "Done."), (RequestOutcome.FAILED, "failed: not sent")],
)
async def test_digits_are_sent_when_the_words_before_were_heard_and_the_talk_goes_on(
    outcome: RequestOutcome, told: str
) -> None:
    ask = Ask(SendDigits("42#", 100, 100), "Opening.", {"failed": "failed: not sent"})
    scene = Scene(
        Model([[ToolCall("1", "act", {})], [TextDelta("The door is open.")]]),
        tools={"act": FakeTool(ask)},
        call=Call({"SendDigits": outcome}),
    )
    async with scene.play():
        await scene.greeted()
        scene.line.says("Open the door please.", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        [(_, request)] = scene.call.requests
        assert request == ask.request
        assert scene.agent("answer") == ["Opening. The door is open."]
        results = [m.text for m in scene.model.requests[-1].messages if m.role is Role.TOOL]
        assert results == [told]
        assert not scene.task.done()
    assert scene.record.end is None


# --- what an early start saved and cost ---------------------------------------------------------


@pytest.mark.parametrize(
    ("decided", "audio", "saved"), [(2.0, 1.5, 500), (2.0, 2.4, 1000), (2.0, None, 1000)]
)
def test_what_an_early_start_saved(decided: float, audio: float | None, saved: int) -> None:
    turn = AgentTurn("answer", began=1.0, early=True)
    turn.stages = Stages(decided=decided, first_audio=audio)
    assert turn.early_saved_ms == saved
    assert AgentTurn("answer", began=1.0).early_saved_ms is None


@pytest.mark.virtual_time
async def test_the_record_shows_the_waterfall_and_what_was_thrown_away() -> None:
    scene = Scene(Model([[TextDelta("Too early.")], [TextDelta("To the airport, fine.")]]))
    async with scene.play():
        await scene.greeted()
        end = scene.line.says("I need a taxi.", after=0.5)
        now = asyncio.get_running_loop().time()
        scene.line.says("To the airport at five.", after=end - now + 0.3)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
    stages = scene.record.answers[0].stages
    order = (
        stages.speech_end,
        stages.transcript,
        stages.decided,
        stages.first_heard,
        stages.last_heard,
    )
    assert None not in order
    assert list(order) == sorted(time for time in order if time is not None)
    assert stages.model_first is not None
    kept = scene.record.to_json()
    assert kept["thrown_away"] == {
        "answers": 1,
        "characters": len("Too early."),
        "tokens": {"input": 0, "output": 0},
    }
