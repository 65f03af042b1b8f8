"""A call that may cost no more: said politely, with a person to go on."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest

from gateway.call.requests import HangUp, RequestOutcome, TransferToPerson
from gateway.errors import ProviderError
from gateway.kinds import Kind
from gateway.money.accounts import Accounts
from gateway.money.budget import Budget, Limits
from gateway.money.prices import Price, PriceTable
from gateway.money.purse import Purse
from gateway.money.usage import Source, Used
from gateway.providers.base import ModelEvent, TextDelta, Usage
from tests.fakes.speech import Call, Model
from tests.gateway.conversation.scene import PROFILE, Scene

pytestmark = pytest.mark.virtual_time

TABLE = PriceTable(
    "USD",
    (Price(Kind.LLM, "model", "*", date(2026, 1, 1), "page", output=Decimal(1_000_000)),),
)
DEAR: list[ModelEvent | float | ProviderError] = [TextDelta("We are open."), Usage(output_tokens=1)]
"""An answer for a dollar."""


def purse(hard: str) -> Purse:
    return Purse(TABLE, budget=Budget(call=Limits(hard=Decimal(hard))))


async def test_the_answer_is_heard_out_and_then_a_person_goes_on() -> None:
    scene = Scene(Model([DEAR]), purse=purse("1"))
    async with scene.play():
        await scene.greeted()
        scene.line.says("When are you open?", after=0.5)
        await asyncio.wait_for(scene.task, 60)
    assert scene.agent("answer") == ["We are open."]
    assert scene.agent("leaving") == [f"{PROFILE.phrases.limit_reached} Connecting you to Anna."]
    assert isinstance(scene.call.requests[-1][1], TransferToPerson)
    assert len(scene.model.requests) == 1


async def test_without_a_person_the_call_ends_with_a_goodbye() -> None:
    alone = PROFILE.model_copy(update={"people": {}, "default_person": None})
    scene = Scene(Model([DEAR]), profile=alone, purse=purse("1"))
    async with scene.play():
        await scene.greeted()
        scene.line.says("When are you open?", after=0.5)
        await asyncio.wait_for(scene.task, 60)
    assert scene.agent("leaving") == [f"{PROFILE.phrases.limit_reached} {PROFILE.goodbye}"]
    assert isinstance(scene.call.requests[-1][1], HangUp)


async def test_when_nobody_can_be_reached_the_call_ends_too() -> None:
    scene = Scene(
        Model([DEAR]),
        call=Call({"TransferToPerson": RequestOutcome.NO_ANSWER}),
        purse=purse("1"),
    )
    async with scene.play():
        await scene.greeted()
        scene.line.says("When are you open?", after=0.5)
        await asyncio.wait_for(scene.task, 60)
    assert scene.agent("leaving")[0].endswith(f"Nobody is at Anna. {PROFILE.goodbye}")
    assert isinstance(scene.call.requests[-1][1], HangUp)


async def test_below_the_limit_the_conversation_goes_on() -> None:
    scene = Scene(Model([DEAR, DEAR]), purse=purse("1.5"))
    async with scene.play():
        await scene.greeted()
        scene.line.says("When are you open?", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        assert scene.agent("leaving") == []
        scene.line.says("And on Sunday?", after=0.5)
        await asyncio.wait_for(scene.task, 60)
    assert len(scene.agent("answer")) == 2
    assert isinstance(scene.call.requests[-1][1], TransferToPerson)


async def test_a_day_that_is_spent_ends_a_call_after_its_greeting_and_asks_no_model() -> None:
    class Book:
        async def add(self, key: str, amount: int, /, *, seconds: float) -> int | None:
            return None

    accounts = Accounts(Book(), lambda: date(2026, 1, 1))
    accounts.spend("other", Decimal(50))
    scene = Scene(
        purse=Purse(TABLE, accounts, budget=Budget(day=Limits(hard=Decimal(50)))),
    )
    async with scene.play():
        await asyncio.wait_for(scene.task, 60)
    assert scene.agent("greeting") == [PROFILE.greeting]
    assert scene.model.requests == []


async def test_a_limit_reached_elsewhere_in_mid_call_stops_the_next_answer() -> None:
    scene = Scene(purse=purse("1"))
    async with scene.play():
        await scene.greeted()
        assert scene.purse is not None
        scene.purse.charge(Source(Kind.LLM, "model"), Used(output_tokens=1))
        scene.line.says("When are you open?", after=0.5)
        await asyncio.wait_for(scene.task, 60)
    assert scene.caller() == ["When are you open?"]
    assert scene.model.requests == []
    assert isinstance(scene.call.requests[-1][1], TransferToPerson)
