"""The gateway's money: prices, the limits of settings and profiles, and what the day has cost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import structlog

from gateway import config
from gateway.metrics import Metrics
from gateway.money.accounts import Accounts, Counters
from gateway.money.bill import shown
from gateway.money.budget import Budget, Limits, Scope, Standing
from gateway.money.prices import PriceTable, load_prices
from gateway.money.purse import Purse
from gateway.profile import Profile
from gateway.providers.base import Json

log = structlog.get_logger()


def today() -> date:
    """The day that budgets are for."""
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class Treasury:
    """Gives each call its purse. `accounts.run` belongs to a task of the application's."""

    settings: config.Money
    prices: PriceTable
    accounts: Accounts
    metrics: Metrics

    def purse(self, profile: Profile, call_id: str) -> Purse:
        """A new call's money."""

        def limit_reached(standing: Standing, scope: Scope) -> None:
            limit = "hard" if standing is Standing.SPENT else "soft"
            self.metrics.limits_reached.labels(scope.value, limit).inc()
            log.warning("budget_limit_reached", call=call_id, scope=scope.value, limit=limit)

        return Purse(
            self.prices,
            self.accounts,
            budget=budget(self.settings, profile),
            profile=profile.name,
            limit_reached=limit_reached,
        )

    def house(self) -> Purse:
        """Who pays for what no call asked for."""
        return Purse(self.prices, self.accounts)

    def to_json(self, profiles: Mapping[str, Profile]) -> Mapping[str, Json]:
        """Today, as the admin port shows it; amounts are strings."""
        accounts = self.accounts
        return {
            "currency": self.prices.currency,
            "day": shown(accounts.day()),
            "profiles": {name: shown(accounts.profile(name)) for name in profiles},
            "soft_limit": _shown(self.settings.day_soft_limit),
            "hard_limit": _shown(self.settings.day_hard_limit),
        }


def treasury(
    settings: config.Money,
    counters: Counters,
    metrics: Metrics,
    calendar: Callable[[], date] = today,
) -> Treasury:
    """Raises ConfigError for a price table that is wrong."""
    prices = load_prices(settings.price_table)
    return Treasury(settings, prices, Accounts(counters, calendar), metrics)


def budget(settings: config.Money, profile: Profile) -> Budget:
    """What holds for a call of `profile`: its own limits of a call go before those of all."""
    own = profile.budget
    return Budget(
        call=Limits(
            own.call_soft_limit or settings.call_soft_limit,
            own.call_hard_limit or settings.call_hard_limit,
        ),
        profile=Limits(own.day_soft_limit, own.day_hard_limit),
        day=Limits(settings.day_soft_limit, settings.day_hard_limit),
    )


def _shown(amount: object) -> str | None:
    return None if amount is None else f"{amount:f}"
