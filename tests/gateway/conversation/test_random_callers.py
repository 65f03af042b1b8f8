"""Any caller, any model, any trouble: a call is never stuck, never silent for long, never leaks.

`pytest --hypothesis-profile=day -s` runs more than 24 hours of conversation and says
how many; the default is about half an hour.
"""

import asyncio
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.call.requests import (
    HangUp,
    LeaveToFallback,
    RequestOutcome,
    SendDigits,
    TransferToPerson,
)
from gateway.conversation.clip import Clip
from gateway.conversation.history import MOST_MESSAGES
from gateway.conversation.utterance import Clause, Utterance
from gateway.errors import ProviderError
from gateway.profile import Keys as KeySettings
from gateway.profile import Profile, Sound, Unheard, Waiting
from gateway.providers.base import ModelEvent, TextDelta, ToolCall
from gateway.tools.base import Ask, Reply
from tests.fakes.speech import Call, Model, Speaker, Tick
from tests.gateway.conversation.scene import PROFILE, FakeTool, Scene
from tests.virtual_time import VirtualTimeLoop

HOURS: list[float] = []
"""Of virtual time, one entry per call."""
LEAST_HOURS = {50: 0.1, 3000: 24.0}
"""By how many calls were made."""

LONGEST_SILENCE = 12.0
"""Seconds without a sound of ours while it is our turn: fillers come sooner than this."""


@dataclass(frozen=True)
class Says:
    text: str
    pause: float


@dataclass(frozen=True)
class Coughs:
    seconds: float
    pause: float


@dataclass(frozen=True)
class Keys:
    digits: str
    pause: float


@dataclass(frozen=True)
class HoldsUs:
    seconds: float
    pause: float


Deed: TypeAlias = Says | Coughs | Keys | HoldsUs
Script: TypeAlias = tuple[ModelEvent | float | ProviderError, ...]

pauses = st.floats(0.05, 9.0)
deeds = st.one_of(
    st.builds(
        Says,
        st.sampled_from(
            [
                "When are you open?",
                "No stop, that is wrong.",
                "Okay.",
                "Mm-hm.",
                "I would like to",
                "my number is four seven one nine",
                "Yes.",
                "Thank you very much, goodbye now.",
                "four seven one one",
            ]
        ),
        pauses,
    ),
    st.builds(Coughs, st.floats(0.04, 2.5), pauses),
    st.builds(Keys, st.sampled_from(["1", "42#", "#", "471911", "*"]), pauses),
    st.builds(HoldsUs, st.floats(0.1, 20.0), pauses),
)
NOTICE = "This call is recorded, as the law wants you to know."
SCRIPTS: list[Script] = [
    (TextDelta("We are open from nine to five. Is there anything else?"),),
    (0.4, TextDelta("Well, "), 0.3, TextDelta("let me see. I think so. "), 1.0),
    (TextDelta("A very long answer with many words. " * 6),),
    (3.0, TextDelta("That took a while.")),
    (99.0,),
    (),
    (TextDelta("One moment. "), ToolCall("1", "look", {})),
    (ToolCall("1", "look", {}), ToolCall("2", "slow", {})),
    (ToolCall("1", "transfer", {}),),
    (TextDelta("Goodbye."), ToolCall("1", "hang_up", {})),
    (ToolCall("1", "nothing", {"a": 1}),),
    (ProviderError("model", "down"),),
    (TextDelta("I was about to"), ProviderError("model", "cut")),
    (TextDelta("Please key in your PIN."),),
    (TextDelta(f"First of all. {NOTICE} So."),),
    (TextDelta("Fine. "), ToolCall("1", "digits", {})),
]
scripts = st.lists(st.sampled_from(SCRIPTS), min_size=1, max_size=6)
outcomes = st.sampled_from(
    [RequestOutcome.DONE, RequestOutcome.BUSY, RequestOutcome.NO_ANSWER, RequestOutcome.UNREACHABLE]
)


profiles = st.builds(
    lambda protected, cut, sound, unheard: PROFILE.model_copy(
        update={
            "protected": protected,
            "keys": KeySettings(cut_through=cut),
            "waiting": Waiting(sound=sound),
            "no_input_leads_to": unheard,
        }
    ),
    st.sampled_from([(), (NOTICE,), (PROFILE.greeting,)]),
    st.booleans(),
    st.sampled_from(Sound),
    st.sampled_from(Unheard),
)

EXAMPLES = settings().max_examples // 2
"""An example is a whole call, of about a minute."""
SEARCH = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)


@pytest.mark.timeout(7200)  # a day of calls, and machines that are busy
@settings(
    deadline=None,
    max_examples=EXAMPLES,
    phases=SEARCH,
    suppress_health_check=list(HealthCheck),
)
@given(
    script=st.lists(deeds, max_size=12),
    thoughts=scripts,
    outcome=outcomes,
    profile=profiles,
    ear=st.floats(0.02, 1.5),
    mouth=st.floats(0.01, 0.8),
    words=st.booleans(),
    voice_breaks=st.booleans(),
)
def test_a_call(
    script: list[Deed],
    thoughts: list[Script],
    outcome: RequestOutcome,
    profile: Profile,
    *,
    ear: float,
    mouth: float,
    words: bool,
    voice_breaks: bool,
) -> None:
    speaker = Speaker(first_delay=mouth, tells_words=words)
    speaker.fails_on = "think" if voice_breaks else None
    scene = Scene(
        model=Model([], endless=list(thoughts)),
        speaker=speaker,
        profile=profile,
        call=Call({"TransferToPerson": outcome}, seconds=4.0),
        tools={
            "look": FakeTool(Reply("found"), effect=False, seconds=0.3),
            "slow": FakeTool(Reply("done"), seconds=4.0),
            "transfer": FakeTool(Ask(TransferToPerson("anna", "PJSIP/1"), "Connecting you.")),
            "hang_up": FakeTool(Ask(HangUp(), "Goodbye.")),
            "digits": FakeTool(Ask(SendDigits("42#"))),
        },
        delay=ear,
    )
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(_call(scene, script))
        HOURS.append(runner.get_loop().time() / 3600)


def test_so_much_was_talked() -> None:
    print(f"{len(HOURS)} calls, {sum(HOURS):.1f} hours")  # noqa: T201
    if len(HOURS) >= EXAMPLES:
        assert sum(HOURS) >= LEAST_HOURS.get(EXAMPLES, 0.0)


async def _call(scene: Scene, script: list[Deed]) -> None:
    before = asyncio.all_tasks()
    played: list[Clause] = []
    async with scene.play():
        _watch_the_mouth(scene, played)
        _watch_the_buffers(scene)
        for deed in script:
            if scene.task.done():
                break
            await _do(scene, deed)
        # Whoever says nothing more is asked, and asked again, and then let go.
        await asyncio.wait([scene.task], timeout=200)
        assert scene.task.done(), f"stuck: {scene.dialogue!r}"
        scene.task.result()
        assert isinstance(scene.call.requests[-1][1], HangUp | TransferToPerson | LeaveToFallback)
        assert scene.line.flushes <= MOST_FLUSHES
    assert asyncio.all_tasks() == before
    _one_voice_at_a_time(played)
    if not any(isinstance(deed, HoldsUs) for deed in script):
        _no_dead_air(scene)


async def _do(scene: Scene, deed: Deed) -> None:
    match deed:
        case Says(text, pause):
            end = scene.line.says(text)
            await asyncio.sleep(max(0.0, end - asyncio.get_running_loop().time()) + pause)
        case Coughs(seconds, pause):
            scene.line.coughs(seconds=seconds)
            await asyncio.sleep(seconds + pause)
        case Keys(digits, pause):
            for digit in digits:
                scene.dialogue.dtmf(digit)
                await asyncio.sleep(0.2)
            await asyncio.sleep(pause)
        case HoldsUs(seconds, pause):
            scene.dialogue.caller_holds(on=True)
            await asyncio.sleep(seconds)
            scene.dialogue.caller_holds(on=False)
            await asyncio.sleep(pause)


def _watch_the_mouth(scene: Scene, played: list[Clause]) -> None:
    """Note the clause of every clip that is played."""
    speaking = scene.dialogue._speaking
    play = speaking._play

    async def noting(utterance: Utterance, clause: Clause, clip: Clip) -> None:
        played.append(clause)
        await play(utterance, clause, clip)

    speaking._play = noting  # type: ignore[method-assign]


MOST_FLUSHES = 200
MOST_WAITING_EVENTS = 40
MOST_AHEAD = 100
MOST_CLAUSES = 400
MOST_TASKS = 20


def _watch_the_buffers(scene: Scene) -> None:
    """In every frame of the call nothing has grown beyond what it may be."""
    dialogue, speaking = scene.dialogue, scene.dialogue._speaking
    heard = dialogue.heard

    def watching(tick: Tick) -> None:
        heard(tick)
        assert len(dialogue._inbox) <= MOST_WAITING_EVENTS
        assert speaking.ahead <= MOST_AHEAD
        assert len(speaking._levels) <= MOST_AHEAD
        assert len(speaking._cutting) <= 2
        assert len(speaking._waiting) <= MOST_TASKS
        assert len(speaking.utterance.clauses) <= MOST_CLAUSES
        assert len(dialogue._means.history.messages) <= MOST_MESSAGES
        assert len(asyncio.all_tasks()) <= MOST_TASKS

    scene.line.on_tick = watching


def _one_voice_at_a_time(played: list[Clause]) -> None:
    """No clause goes on after another has begun."""
    begun = [clause for clause, _ in groupby(played, id)]
    assert len(begun) == len(set(begun))


def _no_dead_air(scene: Scene) -> None:
    """Between two frames of ours nobody waited for us much longer than a filler takes."""
    for turn in scene.record.answers:
        decided, heard = turn.stages.decided, turn.stages.first_heard
        if decided is not None and heard is not None and not turn.interrupted:
            assert heard - decided < LONGEST_SILENCE
