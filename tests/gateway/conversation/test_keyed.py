"""Keys are turns of the caller: alone, among spoken words, and as secrets."""

import asyncio

import pytest

from gateway.conversation.sessions import Sessions
from gateway.profile import Keys
from gateway.providers.base import TextDelta
from gateway.store.memory import MemoryStore
from tests.fakes.speech import Model
from tests.gateway.conversation.scene import PROFILE, Scene, profile, says

pytestmark = pytest.mark.virtual_time


async def test_keyed_digits_are_a_turn() -> None:
    scene = Scene(Model([says("Order four two.")]))
    async with scene.play():
        await scene.greeted()
        for digit in "42#":
            scene.dialogue.dtmf(digit)
            await asyncio.sleep(0.3)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        assert scene.caller() == ["42"]


async def test_a_keyed_pin_is_used_and_then_nowhere_to_be_found() -> None:
    sessions = Sessions(MemoryStore(lambda: 0.0), kept_seconds=60)
    scene = Scene(Model([says("Please key in your PIN."), says("Thanks.")]), sessions=sessions)
    async with scene.play():
        await scene.greeted()
        scene.line.says("Let me in please.", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        for digit in "4711#":
            scene.dialogue.dtmf(digit)
            await asyncio.sleep(0.2)
        await scene.until(lambda: len(scene.agent("answer")) == 2)
        assert scene.model.requests[-1].messages[-1].text == "4711"
        assert scene.caller()[-1] == "••••"
    session = await sessions.of_call("call")
    assert session is not None
    assert "4711" not in session.to_bytes().decode()
    assert "4711" not in str(scene.record.to_json())


async def test_a_key_cuts_the_greeting() -> None:
    scene = Scene(Model([says("Yes.")]))
    async with scene.play():
        await scene.until(lambda: scene.line.played > 30)
        scene.dialogue.dtmf("1")
        await scene.until(lambda: scene.caller() == ["1"])
        assert scene.agent("greeting")[0] in "Hello, this is Acme Clinic."
        assert scene.agent("greeting") != ["Hello, this is Acme Clinic."]


async def test_where_keys_do_not_cut_they_wait() -> None:
    scene = Scene(Model([[TextDelta("Fine.")]]), profile=profile(keys=Keys(cut_through=False)))
    async with scene.play():
        await scene.until(lambda: scene.line.played > 20)
        scene.dialogue.dtmf("4")
        scene.dialogue.dtmf("#")
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        assert scene.agent("greeting") == [PROFILE.greeting]
        assert scene.caller() == ["4"]


@pytest.mark.parametrize(("seconds", "waits"), [(1.0, False), (6.0, True)])
async def test_an_entry_without_a_terminator_ends_by_itself(seconds: float, *, waits: bool) -> None:
    keys = Keys(inter_digit_seconds=seconds, terminator="")
    scene = Scene(Model([[TextDelta("Fine.")]]), profile=profile(keys=keys))
    async with scene.play():
        await scene.greeted()
        for digit in "4#":
            scene.dialogue.dtmf(digit)
        await asyncio.sleep(3.0)
        assert (scene.caller() == []) is waits
        await scene.until(lambda: scene.caller() == ["4#"])


@pytest.mark.parametrize(
    ("keys_after", "expected"), [(0.6, "seven nine 42"), (0.0, "42 seven nine")]
)
async def test_keyed_and_spoken_digits_are_one_input_in_their_order(
    keys_after: float, expected: str
) -> None:
    scene = Scene(Model([[TextDelta("Your number?")]], endless=[[TextDelta("Thanks.")]]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("I have an order.", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        scene.line.says("seven nine", after=0.3)
        await asyncio.sleep(0.1 + keys_after)
        for digit in "42":
            scene.dialogue.dtmf(digit)
        await scene.until(lambda: len(scene.agent("answer")) == 2)
        assert scene.caller()[-1] == expected
