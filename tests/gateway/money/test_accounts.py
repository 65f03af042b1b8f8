"""What the day costs, shared by gateways over a store that may be gone."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest

from gateway.money.accounts import TOLD_EVERY_SECONDS, Accounts

TODAY = date(2026, 5, 12)


class Book:
    """A store of sums; `gone` while it cannot be reached."""

    def __init__(self) -> None:
        self.sums: dict[str, int] = {}
        self.gone = False

    async def add(self, key: str, amount: int, /, *, seconds: float) -> int | None:
        if self.gone:
            return None
        self.sums[key] = self.sums.get(key, 0) + amount
        return self.sums[key]


class Calendar:
    def __init__(self) -> None:
        self.day = TODAY

    def __call__(self) -> date:
        return self.day


async def test_what_was_spent_counts_at_once() -> None:
    accounts = Accounts(Book(), Calendar())
    accounts.spend("clinic", Decimal("0.000000001"))
    accounts.spend("shop", Decimal("0.25"))
    assert accounts.day() == Decimal("0.250000001")
    assert accounts.profile("clinic") == Decimal("0.000000001")
    assert accounts.profile("nobody") == 0


async def test_gateways_share_their_sums() -> None:
    book = Book()
    one, other = Accounts(book, Calendar()), Accounts(book, Calendar())
    one.spend("clinic", Decimal("0.10"))
    other.spend("clinic", Decimal("0.20"))
    await one.tell()
    await other.tell()
    await one.tell()
    assert one.day() == other.day() == one.profile("clinic") == Decimal("0.30")


async def test_a_call_is_judged_by_what_others_spent_before() -> None:
    book = Book()
    other = Accounts(book, Calendar())
    other.spend("clinic", Decimal(3))
    await other.tell()
    here = Accounts(book, Calendar())
    await here.meet("clinic")
    assert here.profile("clinic") == here.day() == 3


async def test_without_the_store_the_gateway_counts_on_alone_and_tells_it_later() -> None:
    book = Book()
    accounts = Accounts(book, Calendar())
    accounts.spend("clinic", Decimal(1))
    await accounts.tell()
    book.gone = True
    accounts.spend("clinic", Decimal(2))
    await accounts.tell()
    assert accounts.day() == 3
    assert accounts.untold == 1
    book.gone = False
    await accounts.tell()
    assert accounts.day() == 3
    assert sorted(book.sums.values()) == [3 * 10**9, 3 * 10**9]


async def test_nothing_is_told_twice() -> None:
    book = Book()
    accounts = Accounts(book, Calendar())
    accounts.spend("clinic", Decimal("0.5"))
    for _ in range(3):
        await accounts.tell()
    assert accounts.day() == Decimal("0.5")


async def test_what_is_spent_while_the_store_is_told_is_not_lost() -> None:
    book = Book()

    class Slow(Book):
        async def add(self, key: str, amount: int, /, *, seconds: float) -> int | None:
            await asyncio.sleep(0)
            return await book.add(key, amount, seconds=seconds)

    accounts = Accounts(Slow(), Calendar())
    accounts.spend("", Decimal(1))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(accounts.tell())
        await asyncio.sleep(0)
        accounts.spend("", Decimal(2))
    assert accounts.day() == 3
    await accounts.tell()
    assert accounts.day() == 3


async def test_a_new_day_begins_with_nothing() -> None:
    calendar = Calendar()
    accounts = Accounts(Book(), calendar)
    accounts.spend("clinic", Decimal(1))
    await accounts.tell()
    calendar.day = date(2026, 5, 13)
    assert accounts.day() == accounts.profile("clinic") == 0
    accounts.spend("clinic", Decimal(2))
    await accounts.tell()
    assert accounts.day() == 2


@pytest.mark.virtual_time
async def test_the_store_is_told_regularly_and_at_the_end() -> None:
    book = Book()
    accounts = Accounts(book, Calendar())
    async with asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(accounts.run())
        accounts.spend("", Decimal(1))
        await asyncio.sleep(TOLD_EVERY_SECONDS * 1.5)
        assert list(book.sums.values()) == [10**9]
        accounts.spend("", Decimal(1))
        telling.cancel()
    assert list(book.sums.values()) == [2 * 10**9]
