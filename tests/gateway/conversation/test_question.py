"""What the agent's words let a recogniser expect, and that it is told in time."""

import pytest

from gateway.conversation.question import expectation_after
from gateway.providers.base import Digits, Expectation, Phrases, TextDelta, YesOrNo
from tests.fakes.speech import Model
from tests.gateway.conversation.scene import Scene


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Is that right?", YesOrNo()),
        ("Please say yes or no.", YesOrNo()),
        ("Do you want to go on or not?", YesOrNo()),
        ("Shall I try again, or is there something else I can help you with?", YesOrNo()),
        ("Would you like anything else, or is that all?", YesOrNo()),
        ("What is your order number?", Digits()),
        ("Please enter your PIN.", Digits()),
        ("Can you spell your name?", None),
        ("What is your date of birth?", None),
        ("Is it for sales, support or billing?", Phrases(("sales", "support", "billing"))),
        ("Would you like the morning or the afternoon?", Phrases(("morning", "afternoon"))),
        ("Please choose: returns, or an invoice.", Phrases(("returns", "invoice"))),
        ("I can call Anna or Ben.", None),
        ("How can I help you?", None),
        ("We are open from nine to five.", None),
        ("", None),
    ],
)
def test_what_may_be_expected(said: str, expected: Expectation | None) -> None:
    assert expectation_after(said) == expected


@pytest.mark.virtual_time
async def test_the_recogniser_is_told_what_was_asked_before_the_answer_begins() -> None:
    scene = Scene(Model([[TextDelta("Is that right?")], [TextDelta("From nine to five.")]]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("I need a taxi.", after=0.5)
        await scene.until(lambda: scene.agent("answer") == ["Is that right?"])
        assert scene.ear.expected == [None, YesOrNo()]
        scene.line.says("Yes.", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 2)
        assert scene.ear.expected == [None, YesOrNo(), None]
