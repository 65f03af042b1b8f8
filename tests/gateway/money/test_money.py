"""Prices, bills and budgets, to the last billionth."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.errors import ConfigError
from gateway.kinds import Kind
from gateway.money.accounts import Accounts
from gateway.money.bill import Bill
from gateway.money.budget import Budget, Limits, Scope, Spent, Standing
from gateway.money.prices import Price, PriceTable, load_prices
from gateway.money.purse import Purse, paying, purse_of_asker
from gateway.money.usage import Source, Used, tokens_of

TODAY = date(2026, 5, 12)
LLM = Source(Kind.LLM, "anthropic", "claude-haiku-4-5")
STT = Source(Kind.STT, "deepgram", "nova-3")
TTS = Source(Kind.TTS, "google", "Chirp3-HD")
TABLE = PriceTable(
    "USD",
    (
        Price(
            Kind.LLM,
            "anthropic",
            "claude-haiku-*",
            TODAY,
            "page",
            input=Decimal("1.00"),
            cached=Decimal("0.10"),
            output=Decimal("5.00"),
        ),
        Price(Kind.STT, "deepgram", "*", TODAY, "page", minute=Decimal("0.0077")),
        Price(Kind.TTS, "google", "*", TODAY, "page", characters=Decimal("30.00")),
    ),
)


# --- prices -----------------------------------------------------------------------------------


def test_tokens_cost_by_what_they_are() -> None:
    used = Used(input_tokens=3000, cached_tokens=2000, output_tokens=100)
    # 1000 × 1.00 + 2000 × 0.10 + 100 × 5.00, per million
    assert TABLE.cost(LLM, used) == Decimal("0.001700000")


def test_audio_costs_by_the_minute_and_text_by_the_character() -> None:
    assert TABLE.cost(STT, Used(milliseconds=60_000)) == Decimal("0.0077")
    assert TABLE.cost(STT, Used(milliseconds=1)) == Decimal("0.000000128")
    assert TABLE.cost(TTS, Used(characters=1)) == Decimal("0.00003")


def test_cached_tokens_cost_what_others_do_where_nothing_else_is_said() -> None:
    price = Price(Kind.LLM, "x", "*", TODAY, "page", input=Decimal(2))
    assert price.cost(Used(input_tokens=10, cached_tokens=10)) == Decimal("0.00002")


def test_what_has_no_price_has_no_cost() -> None:
    assert TABLE.cost(Source(Kind.LLM, "anthropic", "claude-opus-4"), Used(output_tokens=1)) is None


def test_the_first_row_that_holds_counts(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    row = 'kind = "llm"\nprovider = "a"\nsource = "s"\nas_of = 2026-01-01\n'
    file.write_text(
        f'currency = "EUR"\n[[price]]\n{row}model = "big"\ninput = 3\n[[price]]\n{row}input = 0.1\n'
    )
    table = load_prices(file)
    assert table.currency == "EUR"
    million = Used(input_tokens=1_000_000)
    assert table.cost(Source(Kind.LLM, "a", "big"), million) == 3
    assert table.cost(Source(Kind.LLM, "a", "small"), million) == Decimal("0.1")


def test_the_table_that_comes_along_can_be_read_and_says_when_it_was_right() -> None:
    table = load_prices()
    assert table.currency == "USD"
    for source in (LLM, STT, TTS, Source(Kind.STT, "moonshine"), Source(Kind.LLM, "local")):
        price = table.find(source)
        assert price is not None, source
        assert price.source


def test_what_is_computed_here_costs_nothing() -> None:
    table = load_prices()
    assert table.cost(Source(Kind.TTS, "hibari"), Used(characters=1000)) == 0


def test_a_cheap_provider_is_told_from_a_dear_one() -> None:
    cheap, dear = (TABLE.relative_cost(source) for source in (STT, LLM))
    assert cheap is not None
    assert dear is not None
    assert Decimal(0) < cheap < dear


ROW = 'kind = "stt"\nprovider = "d"\nminute = 0.1\nsource = "s"\nas_of = 2026-01-01\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("currency = ", "is not TOML"),
        (f"[[price]]\n{ROW}", "currency = <missing>"),
        ('currency = "USD"', "give at least one [[price]]"),
        (f'currency = "USD"\nprices = 1\n[[price]]\n{ROW}', "did you mean price?"),
        ('currency = "USD"\n[[price]]\nkind = "tsx"', "price 1: kind = tsx: is one of stt, llm"),
        (f'currency = "USD"\n[[price]]\n{ROW}minutes = 1', "did you mean minute?"),
        (f'currency = "USD"\n[[price]]\n{ROW.replace("0.1", "-1")}', "minute = -1"),
        (f'currency = "USD"\n[[price]]\n{ROW.replace("0.1", "nan")}', "minute = NaN"),
        (f'currency = "USD"\n[[price]]\n{ROW.replace("0.1", "true")}', "minute = True"),
        (f'currency = "USD"\n[[price]]\n{ROW.replace("minute = 0.1", "")}', "give one of minute"),
        (f'currency = "USD"\n[[price]]\n{ROW.replace("as_of", "#")}', "as_of = <missing>"),
        (f'currency = "USD"\n[[price]]\n{ROW}input = 1', "there is no such key"),
        (f'currency = "USD"\n[[price]]\n{ROW}[[price]]\nkind = "llm"', "price 2: as_of"),
    ],
)
def test_a_wrong_table_is_refused_with_the_row_and_the_fix(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as refusal:
        load_prices(file)
    assert said in str(refusal.value)


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"money\.price_table .* cannot be read"):
        load_prices(tmp_path / "none.toml")


# --- bills ------------------------------------------------------------------------------------


def test_a_bill_adds_up_exactly_in_however_small_pieces() -> None:
    bill = Bill(TABLE)
    added = sum((bill.add(STT, Used(milliseconds=20)) or 0 for _ in range(3000)), Decimal(0))
    assert bill.total == added == Decimal("0.0077")


def test_a_bill_says_who_was_paid_for_what() -> None:
    bill = Bill(TABLE)
    bill.add(LLM, Used(input_tokens=3000, cached_tokens=2000, output_tokens=100))
    bill.add(TTS, Used(characters=200, milliseconds=12_345))
    bill.add(Source(Kind.STT, "unknown"), Used(milliseconds=1500, estimated=True))
    assert bill.to_json(90.0) == {
        "currency": "USD",
        "total": "0.007700",
        "per_minute": "0.005133",
        "providers": [
            {
                "kind": "llm",
                "provider": "anthropic",
                "model": "claude-haiku-4-5",
                "input_tokens": 3000,
                "cached_tokens": 2000,
                "output_tokens": 100,
                "estimated": False,
                "cost": "0.001700",
            },
            {
                "kind": "tts",
                "provider": "google",
                "model": "Chirp3-HD",
                "characters": 200,
                "seconds": "12.345",
                "estimated": False,
                "cost": "0.006000",
            },
            {
                "kind": "stt",
                "provider": "unknown",
                "model": "",
                "seconds": "1.500",
                "estimated": True,
                "cost": None,
            },
        ],
    }
    assert bill.unpriced == [Source(Kind.STT, "unknown")]


def test_a_call_without_a_length_has_no_price_per_minute() -> None:
    assert Bill(TABLE).to_json(None)["per_minute"] is None
    assert Bill(TABLE).to_json(0.0)["per_minute"] is None


def test_a_text_has_about_a_token_for_four_characters() -> None:
    assert [tokens_of(n) for n in (0, 1, 4, 5)] == [1, 1, 1, 2]


# --- budgets ----------------------------------------------------------------------------------

HALF = Limits(soft=Decimal("0.50"), hard=Decimal("1.00"))


@pytest.mark.parametrize(
    ("spent", "standing"),
    [("0.499999999", "free"), ("0.50", "thrifty"), ("0.999999999", "thrifty"), ("1", "spent")],
)
def test_a_limit_is_reached_by_the_last_billionth(spent: str, standing: str) -> None:
    assert HALF.standing(Decimal(spent)) == Standing(standing)


def test_without_limits_nothing_is_spent() -> None:
    rich = Spent(Decimal(10**6), Decimal(10**6), Decimal(10**6))
    assert Budget().judge(rich) == (Standing.FREE, None)


def test_the_strictest_limit_counts() -> None:
    budget = Budget(call=HALF, profile=Limits(hard=Decimal(5)), day=Limits(soft=Decimal(9)))
    one = Decimal("0.60")
    assert budget.judge(Spent(one, Decimal(4), Decimal(8))) == (Standing.THRIFTY, Scope.CALL)
    assert budget.judge(Spent(one, Decimal(5), Decimal(8))) == (Standing.SPENT, Scope.PROFILE)
    assert budget.judge(Spent(day=Decimal(9))) == (Standing.THRIFTY, Scope.DAY)


# --- purses -----------------------------------------------------------------------------------


class Book:
    async def add(self, key: str, amount: int, /, *, seconds: float) -> int | None:
        return None


def test_a_purse_tells_each_step_once() -> None:
    told: list[tuple[Standing, Scope]] = []
    purse = Purse(TABLE, budget=Budget(call=HALF), limit_reached=lambda *step: told.append(step))
    assert not purse.thrifty
    purse.charge(LLM, Used(output_tokens=120_000))
    assert purse.thrifty
    assert not purse.spent
    purse.charge(LLM, Used(output_tokens=120_000))
    assert purse.spent
    assert purse.thrifty
    assert told == [(Standing.THRIFTY, Scope.CALL), (Standing.SPENT, Scope.CALL)]


def test_a_call_is_stopped_by_what_its_profile_spent_in_others() -> None:
    accounts = Accounts(Book(), lambda: TODAY)
    budget = Budget(profile=Limits(hard=Decimal("0.01")))
    ours, other, stranger = (
        Purse(TABLE, accounts, budget=budget, profile=name) for name in ("a", "a", "b")
    )
    other.charge(TTS, Used(characters=1000))
    assert ours.spent
    assert not stranger.thrifty
    assert accounts.day() == Decimal("0.03")


def test_who_asks_pays() -> None:
    purse = Purse(TABLE)
    assert purse_of_asker() is None
    with paying(purse):
        assert purse_of_asker() is purse
    assert purse_of_asker() is None
