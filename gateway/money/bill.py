"""What one call used of each provider, and what that costs. Pure."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TypeAlias

from gateway.kinds import Kind
from gateway.money.prices import PriceTable
from gateway.money.usage import Source, Used

SHOWN = Decimal("0.000001")
"""To what amounts are shown: a millionth."""
SECONDS_PER_MINUTE = Decimal(60)

BillJson: TypeAlias = Mapping[str, str | Sequence[Mapping[str, str | int | bool | None]] | None]


class Bill:
    """Grows with the call. The cost of each provider is that of all it did, rounded once."""

    def __init__(self, prices: PriceTable) -> None:
        self._prices = prices
        self._used: dict[Source, Used] = {}
        self._costs: dict[Source, Decimal] = {}

    def __repr__(self) -> str:
        return f"<Bill {self.total} {self._prices.currency}>"

    @property
    def total(self) -> Decimal:
        return sum(self._costs.values(), Decimal(0))

    @property
    def unpriced(self) -> Sequence[Source]:
        """Providers that were used and have no price: `total` is without them."""
        return [source for source in self._used if source not in self._costs]

    def used(self, source: Source) -> Used:
        return self._used.get(source, Used())

    def add(self, source: Source, used: Used) -> Decimal | None:
        """Take note of a use; by how much it made the call dearer, None without a price."""
        self._used[source] = whole = self.used(source) + used
        cost = self._prices.cost(source, whole)
        if cost is None:
            return None
        before = self._costs.get(source, Decimal(0))
        self._costs[source] = cost
        return cost - before

    def to_json(self, seconds: float | None) -> BillJson:
        """Amounts are strings, so that nobody makes them floats; `seconds` is how long it was."""
        minutes = None if not seconds else Decimal(str(round(seconds, 3))) / SECONDS_PER_MINUTE
        return {
            "currency": self._prices.currency,
            "total": shown(self.total),
            "per_minute": None if minutes is None else shown(self.total / minutes),
            "providers": [self._line(source, used) for source, used in self._used.items()],
        }

    def _line(self, source: Source, used: Used) -> Mapping[str, str | int | bool | None]:
        cost = self._costs.get(source)
        return {
            "kind": source.kind.value,
            "provider": source.provider,
            "model": source.model,
            **_amounts(source.kind, used),
            "estimated": used.estimated,
            "cost": None if cost is None else shown(cost),
        }


def _amounts(kind: Kind, used: Used) -> Mapping[str, int | str]:
    """What is worth reading of a provider of this kind."""
    seconds = shown(Decimal(used.milliseconds) / 1000, Decimal("0.001"))
    match kind:
        case Kind.STT:
            return {"seconds": seconds}
        case Kind.LLM:
            return {
                "input_tokens": used.input_tokens,
                "cached_tokens": used.cached_tokens,
                "output_tokens": used.output_tokens,
            }
        case Kind.TTS:
            return {"characters": used.characters, "seconds": seconds}


def shown(amount: Decimal, step: Decimal = SHOWN) -> str:
    """For people and JSON, without an exponent."""
    return f"{amount.quantize(step, ROUND_HALF_EVEN):f}"
