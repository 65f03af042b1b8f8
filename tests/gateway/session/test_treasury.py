"""Which limits hold for a call, and what is told of them."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

from gateway.config import Money
from gateway.kinds import Kind
from gateway.metrics import Metrics
from gateway.money.budget import Limits
from gateway.money.usage import Source, Used
from gateway.profile import Profile, ProfileBudget
from gateway.session.callfile import CallFile
from gateway.session.treasury import Treasury, budget, treasury
from gateway.store.memory import MemoryStore

GENERAL = Money(
    call_soft_limit=Decimal("0.5"), call_hard_limit=Decimal(1), day_hard_limit=Decimal(50)
)
CLINIC = Profile(name="clinic", greeting="Hello.")
SHOP = Profile(
    name="shop",
    greeting="Hello.",
    budget=ProfileBudget(call_hard_limit=Decimal(2), day_soft_limit=Decimal(10)),
)
HAIKU = Source(Kind.LLM, "anthropic", "claude-haiku-4-5")


def money() -> Treasury:
    return treasury(GENERAL, MemoryStore(lambda: 0.0), Metrics(), lambda: date(2026, 5, 12))


def test_a_profiles_own_limits_go_before_those_of_all() -> None:
    general, own = budget(GENERAL, CLINIC), budget(GENERAL, SHOP)
    assert general.call == Limits(Decimal("0.5"), Decimal(1))
    assert own.call == Limits(Decimal("0.5"), Decimal(2))
    assert own.profile == Limits(Decimal(10), None)
    assert general.day == own.day == Limits(None, Decimal(50))


def test_limits_are_told_to_prometheus_once() -> None:
    ours = money()
    purse = ours.purse(CLINIC, "c-1")
    purse.charge(HAIKU, Used(output_tokens=200_000))
    assert purse.spent
    assert purse.spent
    labels = {"scope": "call", "limit": "hard"}
    name = "voice_gateway_budget_limits_reached_total"
    assert ours.metrics.registry.get_sample_value(name, labels) == 1


def test_the_house_pays_for_what_no_call_asked() -> None:
    ours = money()
    ours.house().charge(HAIKU, Used(output_tokens=1_000_000))
    ours.purse(SHOP, "c-1").charge(HAIKU, Used(output_tokens=1_000_000))
    assert ours.to_json({"clinic": CLINIC, "shop": SHOP}) == {
        "currency": "USD",
        "day": "10.000000",
        "profiles": {"clinic": "0.000000", "shop": "5.000000"},
        "soft_limit": None,
        "hard_limit": "50",
    }


def test_a_calls_file_says_what_it_cost() -> None:
    purse = money().purse(CLINIC, "c-1")
    purse.charge(HAIKU, Used(input_tokens=1000, output_tokens=100))
    file = CallFile(
        "c-1", "ch", "+1", "100", "clinic", "en-US", datetime(2026, 5, 12, tzinfo=UTC), 10.0
    )
    assert json.loads(json.dumps(file.to_json()))["cost"] is None
    file.bill, file.ended = purse.bill, 40.0
    cost = json.loads(json.dumps(file.to_json()))["cost"]
    assert (cost["total"], cost["per_minute"]) == ("0.001500", "0.003000")
    assert cost["providers"][0]["output_tokens"] == 100
