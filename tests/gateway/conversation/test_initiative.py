"""What the agent does without a model: it asks again, keeps company, apologises, gives up."""

import asyncio
from itertools import pairwise

import pytest

from gateway.call.requests import HangUp, LeaveToFallback, RequestOutcome, TransferToPerson
from gateway.conversation.record import Sound
from gateway.conversation.spares import Spares
from gateway.errors import ProviderError
from gateway.providers.base import ModelEvent, TextDelta
from tests.fakes.speech import Call, Model, Speaker
from tests.gateway.conversation.scene import PROFILE, Scene, says

pytestmark = pytest.mark.virtual_time


async def test_a_slow_ear_is_bridged_and_the_answer_comes_all_the_same() -> None:
    scene = Scene(Model([says("We are open from nine to five.")]), delay=9.0)
    async with scene.play():
        await scene.greeted()
        over = scene.line.says("When are you open?", after=0.5)
        await scene.until(lambda: scene.agent("answer") != [])
        assert scene.caller() == ["When are you open?"]
        assert scene.agent("answer") == ["We are open from nine to five."]
        assert PROFILE.phrases.fillers[0] in scene.speaker.spoken
        assert PROFILE.phrases.still_there not in scene.speaker.spoken
        history = [m.text for m in scene.model.requests[-1].messages]
        assert history == [PROFILE.greeting, "When are you open?"]
        times = [over, *(time for time, _ in scene.line.left if time > over)]
        assert max(after - before for before, after in pairwise(times)) < 2.0


async def test_an_ear_that_never_answers_brings_the_caller_to_a_person() -> None:
    scene = Scene(delay=1000.0)
    async with scene.play():
        await scene.greeted()
        scene.line.says("When are you open?", after=0.5)
        await scene.until(lambda: bool(scene.call.requests), within=60.0)
        assert isinstance(scene.call.requests[0][1], TransferToPerson)
        assert PROFILE.phrases.apology in scene.speaker.spoken


async def test_a_cough_that_the_ear_says_nothing_about_is_forgotten() -> None:
    scene = Scene(delay=1000.0)
    async with scene.play():
        await scene.greeted()
        scene.line.coughs(after=0.5)
        await scene.until(lambda: any(isinstance(e, Sound) for e in scene.record.entries))
        assert scene.caller() == []


async def test_a_caller_who_goes_on_is_not_talked_over_by_company() -> None:
    scene = Scene(Model([says("Sure.")]), delay=4.0)
    async with scene.play():
        await scene.greeted()
        scene.line.says("I would like to know", after=0.5)
        scene.line.says("when you are open", after=3.0)
        await scene.until(lambda: scene.agent("answer") != [])
        assert scene.caller() == ["I would like to know when you are open"]


@pytest.mark.parametrize("before", [[], [TextDelta("Well, ")]])
async def test_a_model_that_dies_ends_with_an_apology_and_a_person(
    before: list[TextDelta],
) -> None:
    script: list[ModelEvent | float | ProviderError] = [*before, ProviderError("model", "down")]
    scene = Scene(Model([script, script]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("When are you open?", after=0.5)
        await asyncio.wait_for(scene.task, 60)
        assert scene.agent("leaving") == ["Something broke. Connecting you to Anna."]
        assert isinstance(scene.call.requests[-1][1], TransferToPerson)
        assert scene.record.failures != []


async def test_when_no_person_can_be_reached_the_fallback_has_the_caller() -> None:
    scene = Scene(
        Model([[ProviderError("m", "down")]] * 2),
        call=Call({"TransferToPerson": RequestOutcome.NO_ANSWER}),
    )
    async with scene.play():
        await scene.greeted()
        scene.line.says("When are you open?", after=0.5)
        await asyncio.wait_for(scene.task, 60)
        assert isinstance(scene.call.requests[-1][1], LeaveToFallback)
        assert scene.agent("leaving")[0].endswith("Nobody is at Anna.")


async def test_an_ear_that_dies_ends_with_an_apology_and_a_person() -> None:
    scene = Scene()
    scene.ear.fails_at = 4.0
    async with scene.play():
        await asyncio.wait_for(scene.task, 60)
        assert scene.agent("leaving") == ["Something broke. Connecting you to Anna."]


async def test_a_voice_that_dies_still_brings_the_caller_to_a_person() -> None:
    scene = Scene(Model([says("This is broken.")]), speaker=Speaker(fails_on="o"))
    async with scene.play():
        await asyncio.wait_for(scene.task, 60)
        assert isinstance(scene.call.requests[-1][1], TransferToPerson)
        apology = Spares(scene.line.codec).shipped().frames
        heard = b"".join(frame for _, frame in scene.line.left)
        assert apology.tobytes() in heard


async def test_a_silent_caller_is_asked_and_then_bid_goodbye() -> None:
    async with Scene().play() as scene:
        await asyncio.wait_for(scene.task, 60)
        assert scene.agent("no_input") == ["Are you there?"]
        assert scene.agent("goodbye") == ["Goodbye then."]
        assert isinstance(scene.call.requests[-1][1], HangUp)


async def test_speech_without_words_is_asked_again() -> None:
    async with Scene().play() as scene:
        await scene.greeted()
        scene.line.coughs(after=0.5, seconds=1.5)
        await scene.until(lambda: scene.agent("not_understood") != [])
        assert scene.agent("not_understood") == [PROFILE.phrases.still_there]


async def test_a_caller_who_is_never_understood_gets_a_person() -> None:
    async with Scene().play() as scene:
        await scene.greeted()
        for _ in range(PROFILE.no_match_limit + 1):
            scene.line.coughs(after=0.5, seconds=1.5)
            await asyncio.sleep(6.0)
        assert len(scene.agent("not_understood")) == PROFILE.no_match_limit
        assert isinstance(scene.call.requests[-1][1], TransferToPerson)
