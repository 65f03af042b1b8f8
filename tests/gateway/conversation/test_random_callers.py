"""Any caller, any model, any trouble: a call is never stuck, never silent for long, never leaks.

`pytest --hypothesis-profile=day` runs about 24 hours of conversation; the default is one.
"""

import asyncio
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.call.requests import HangUp, LeaveToFallback, RequestOutcome, TransferToPerson
from gateway.conversation.clip import Clip
from gateway.conversation.utterance import Clause, Utterance
from gateway.errors import ProviderError
from gateway.providers.base import ModelEvent, TextDelta, ToolCall
from gateway.tools.base import Ask, Reply
from tests.fakes.speech import Call, Model, Speaker
from tests.gateway.conversation.scene import FakeTool, Scene
from tests.virtual_time import VirtualTimeLoop

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


Deed: TypeAlias = Says | Coughs | Keys
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
            ]
        ),
        pauses,
    ),
    st.builds(Coughs, st.floats(0.04, 2.5), pauses),
    st.builds(Keys, st.sampled_from(["1", "42#", "#", "471911", "*"]), pauses),
)
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
]
scripts = st.lists(st.sampled_from(SCRIPTS), min_size=1, max_size=6)
outcomes = st.sampled_from(
    [RequestOutcome.DONE, RequestOutcome.BUSY, RequestOutcome.NO_ANSWER, RequestOutcome.UNREACHABLE]
)


EXAMPLES = settings().max_examples // 2
"""An example is a whole call, of about a minute."""
SEARCH = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)


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
    ear=st.floats(0.02, 1.5),
    mouth=st.floats(0.01, 0.8),
    words=st.booleans(),
    voice_breaks=st.booleans(),
)
def test_a_call(
    script: list[Deed],
    thoughts: list[Script],
    outcome: RequestOutcome,
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
        call=Call({"TransferToPerson": outcome}, seconds=4.0),
        tools={
            "look": FakeTool(Reply("found"), effect=False, seconds=0.3),
            "slow": FakeTool(Reply("done"), seconds=4.0),
            "transfer": FakeTool(Ask(TransferToPerson("anna", "PJSIP/1"), "Connecting you.")),
            "hang_up": FakeTool(Ask(HangUp(), "Goodbye.")),
        },
        delay=ear,
    )
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(_call(scene, script))


async def _call(scene: Scene, script: list[Deed]) -> None:
    before = asyncio.all_tasks()
    played: list[Clause] = []
    async with scene.play():
        _watch_the_mouth(scene, played)
        for deed in script:
            if scene.task.done():
                break
            await _do(scene, deed)
        # Whoever says nothing more is asked, and asked again, and then let go.
        await asyncio.wait([scene.task], timeout=200)
        assert scene.task.done(), f"stuck: {scene.dialogue!r}"
        scene.task.result()
        assert isinstance(scene.call.requests[-1][1], HangUp | TransferToPerson | LeaveToFallback)
    assert asyncio.all_tasks() == before
    _one_voice_at_a_time(played)
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


def _watch_the_mouth(scene: Scene, played: list[Clause]) -> None:
    """Note the clause of every clip that is played."""
    speaking = scene.dialogue._speaking
    play = speaking._play

    async def noting(utterance: Utterance, clause: Clause, clip: Clip) -> None:
        played.append(clause)
        await play(utterance, clause, clip)

    speaking._play = noting  # type: ignore[method-assign]


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
