"""What providers charge: a dated table that the operator checks and edits (TOML). Pure.

`prices.toml` beside this file is the table that comes with the gateway. All arithmetic is decimal.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from gateway.errors import ConfigError
from gateway.kinds import Kind
from gateway.money.usage import Source, Used

SHIPPED = Path(__file__).with_name("prices.toml")
FIELD = "money.price_table"

NANO = Decimal("1e-9")
"""What costs are rounded to: a thousandth of a token at a dollar per million."""
MILLION = Decimal(1_000_000)
MILLISECONDS_PER_MINUTE = Decimal(60_000)

_AMOUNTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.STT: ("minute",),
    Kind.LLM: ("input", "cached", "output"),
    Kind.TTS: ("characters", "minute", "output"),
}
"""What a row of each kind may price."""
_KEYS = ("kind", "provider", "model", "source", "as_of")

TYPICAL: Mapping[Kind, Used] = {
    Kind.STT: Used(milliseconds=20_000),
    Kind.LLM: Used(input_tokens=6_000, cached_tokens=4_000, output_tokens=200),
    Kind.TTS: Used(characters=400, milliseconds=28_000, output_tokens=1_000),
}
"""About what a minute of a call uses: to compare providers, not to charge anybody."""


@dataclass(frozen=True, slots=True)
class Price:
    """One row. `model` may have `*`. Amounts are money per million tokens or characters, and per
    minute of audio; None where that is not charged for."""

    kind: Kind
    provider: str
    model: str
    as_of: date
    source: str
    input: Decimal | None = None
    cached: Decimal | None = None
    output: Decimal | None = None
    minute: Decimal | None = None
    characters: Decimal | None = None

    def holds_for(self, source: Source) -> bool:
        same = self.kind is source.kind and self.provider == source.provider
        return same and fnmatchcase(source.model, self.model)

    def cost(self, used: Used) -> Decimal:
        """In the table's currency, to the nearest billionth."""
        zero = Decimal(0)
        whole = self.input or zero
        cached = whole if self.cached is None else self.cached
        fresh = max(used.input_tokens - used.cached_tokens, 0)
        per_million = (
            fresh * whole
            + used.cached_tokens * cached
            + used.output_tokens * (self.output or zero)
            + used.characters * (self.characters or zero)
        )
        minutes = used.milliseconds * (self.minute or zero) / MILLISECONDS_PER_MINUTE
        return (per_million / MILLION + minutes).quantize(NANO, ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices in one currency; the first row that holds counts."""

    currency: str
    prices: tuple[Price, ...]

    def find(self, source: Source) -> Price | None:
        return next((price for price in self.prices if price.holds_for(source)), None)

    def cost(self, source: Source, used: Used) -> Decimal | None:
        """None where the table knows no price."""
        price = self.find(source)
        return None if price is None else price.cost(used)

    def relative_cost(self, source: Source) -> Decimal | None:
        """What a typical minute of a call costs with it, to compare providers of one kind."""
        return self.cost(source, TYPICAL[source.kind])


def load_prices(file: Path | None = None) -> PriceTable:
    """The table in `file`, or the one that comes with the gateway. Raises ConfigError."""
    path = file or SHIPPED
    try:
        table = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except OSError as error:
        raise ConfigError(
            FIELD, str(path), f"cannot be read: {error.strerror}; correct path or permissions"
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(FIELD, str(path), f"is not TOML: {error}") from None
    currency = table.pop("currency", None)
    if not isinstance(currency, str) or not currency:
        raise _wrong(path, "currency", currency, 'name it, like currency = "USD"')
    rows = table.pop("price", None)
    if not isinstance(rows, list) or not rows:
        raise _wrong(path, "price", rows, "give at least one [[price]]")
    for unknown in table:
        raise _unknown(path, unknown, ("currency", "price"))
    return PriceTable(currency, tuple(_price(path, n, row) for n, row in enumerate(rows, 1)))


def _price(path: Path, number: int, row: object) -> Price:
    where = f"price {number}"
    if not isinstance(row, dict):
        raise _wrong(path, where, row, "write [[price]] and keys below it")
    kind = _kind(path, where, row.get("kind"))
    for key in row:
        if key not in (*_KEYS, *_AMOUNTS[kind]):
            raise _unknown(path, f"{where}: {key}", (*_KEYS, *_AMOUNTS[kind]))
    as_of = row.get("as_of")
    if not isinstance(as_of, date):
        raise _wrong(path, f"{where}: as_of", as_of, "say when it was right, like 2026-01-31")
    amounts = {
        key: _amount(path, f"{where}: {key}", row[key]) for key in _AMOUNTS[kind] if key in row
    }
    if not amounts:
        raise _wrong(path, where, "<no price>", f"give one of {', '.join(_AMOUNTS[kind])}")
    return Price(
        kind=kind,
        provider=_text(path, f"{where}: provider", row.get("provider")),
        model=_text(path, f"{where}: model", row.get("model", "*")),
        as_of=as_of,
        source=_text(path, f"{where}: source", row.get("source")),
        **amounts,
    )


def _kind(path: Path, where: str, value: object) -> Kind:
    try:
        return Kind(str(value))
    except ValueError:
        raise _wrong(path, f"{where}: kind", value, f"is one of {', '.join(Kind)}") from None


def _amount(path: Path, where: str, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _wrong(path, where, value, "is an amount of money, like 2.50")
    amount = Decimal(value)
    if not amount.is_finite() or amount < 0:
        raise _wrong(path, where, value, "is an amount of money, not below 0")
    return amount


def _text(path: Path, where: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _wrong(path, where, value, "is needed; write it in quotes")
    return value


def _wrong(path: Path, where: str, value: object, fix: str) -> ConfigError:
    shown = "<missing>" if value is None else " ".join(str(value).split())[:80]
    return ConfigError(f"{path.name}: {where}", shown, fix)


def _unknown(path: Path, where: str, known: Iterable[str]) -> ConfigError:
    known = tuple(known)
    nearest = get_close_matches(where.rpartition(" ")[2], known, 1)
    hint = f"did you mean {nearest[0]}?" if nearest else f"there are: {', '.join(known)}"
    return ConfigError(f"{path.name}: {where}", "<not shown>", f"there is no such key; {hint}")
