"""A call that reaches its soft limit goes on with the model that costs least."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest

from gateway.kinds import Kind
from gateway.metrics import Metrics
from gateway.money.budget import Budget, Limits
from gateway.money.prices import Price, PriceTable
from gateway.money.purse import Purse, paying
from gateway.providers.base import Message, ModelRequest, Role, TextDelta, Usage
from gateway.providers.measured import MeasuredModel, Meter
from gateway.providers.resilience.attempts import Candidate
from gateway.providers.resilience.board import Board
from gateway.providers.resilience.models import SteadyModel
from tests.fakes.providers import ScriptedModel, candidates

pytestmark = pytest.mark.virtual_time

REQUEST = ModelRequest("clinic", "", "en-US", (Message(Role.USER, "When?"),), ())
TABLE = PriceTable(
    "USD",
    tuple(
        Price(Kind.LLM, name, "*", date(2026, 1, 1), "page", output=Decimal(output))
        for name, output in (("dear", 1_000_000), ("cheap", 1_000), ("middle", 500_000))
    ),
)


def measured(*names: str) -> tuple[SteadyModel, dict[str, ScriptedModel]]:
    models = {
        name: ScriptedModel(name, *([f"{name}.", Usage(output_tokens=1)] for _ in range(5)))
        for name in names
    }
    clock, metrics = asyncio.get_running_loop().time, Metrics()
    made = [
        Candidate(
            each.index,
            MeasuredModel(each.provider, Meter(metrics, Kind.LLM, each.name, clock)),
            each.health,
        )
        for each in candidates(Kind.LLM, *models.values())
    ]
    return SteadyModel(made, Board(clock=clock, cost=TABLE.relative_cost)), models


async def answer(model: SteadyModel) -> str:
    events = [event async for event in model.respond(REQUEST)]
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def test_from_the_soft_limit_on_the_cheapest_answers() -> None:
    model, _ = measured("dear", "middle", "cheap")
    purse = Purse(TABLE, budget=Budget(call=Limits(soft=Decimal(2))))
    with paying(purse):
        said = [await answer(model) for _ in range(4)]
    assert said == ["dear.", "dear.", "cheap.", "cheap."]
    assert purse.bill.total == Decimal("2.002")


async def test_other_calls_keep_the_operators_order() -> None:
    model, _ = measured("dear", "cheap")
    poor = Purse(TABLE, budget=Budget(call=Limits(soft=Decimal("0.5"))))
    rich = Purse(TABLE, budget=Budget(call=Limits(soft=Decimal(50))))
    with paying(poor):
        assert [await answer(model), await answer(model)] == ["dear.", "cheap."]
    with paying(rich):
        assert await answer(model) == "dear."
