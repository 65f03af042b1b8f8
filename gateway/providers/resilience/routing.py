"""In which order providers are asked for one turn, and why. Pure.

The operator's list is the order. Rules change it, the first of them most: `latency` and `cost`
sort the cloud's providers among themselves by what was measured and what they charge, `easy-local`
has this machine's own agent answer what it is sure of. Who does not serve the language comes last.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.kinds import Rule

EASY = 0.7
"""This sure of its answer, the embedded agent answers itself."""
QUICKER = 0.75
"""A provider overtakes another when it needs less than this share of the other's time."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A provider before this turn: `seconds` to its first result and `cost` where known."""

    name: str
    embedded: bool
    serves: bool
    seconds: float | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A provider in its place; `index` is its place in the operator's list."""

    index: int
    name: str
    because: str


def order(
    standings: Sequence[Standing],
    rules: Sequence[Rule] = (),
    *,
    easy: float = 0.0,
    thrifty: bool = False,
) -> tuple[Choice, ...]:
    """All of `standings`, the one to ask first first.

    `easy` is how sure the embedded agent is of its answer; `thrifty` puts what costs least first,
    whatever the rules say.
    """
    places = list(range(len(standings)))
    reasons = dict.fromkeys(places, "the operator's order")
    for rule in reversed(rules):
        match rule:
            case Rule.LATENCY:
                _sort_cloud(places, standings, reasons, _quicker)
            case Rule.COST:
                _sort_cloud(places, standings, reasons, _cheaper)
            case Rule.EASY_LOCAL:
                pass
    if thrifty:
        reasons |= dict.fromkeys(places, "the call has to be cheap")
        places.sort(key=lambda place: _price(standings[place]))
    if Rule.EASY_LOCAL in rules and easy >= EASY:
        for place in places:
            if standings[place].embedded:
                reasons[place] = f"an easy turn (sure: {easy:.2f})"
        places.sort(key=lambda place: not standings[place].embedded)
    places.sort(key=lambda place: not standings[place].serves)
    choices = (Choice(place, standings[place].name, reasons[place]) for place in places)
    return tuple(
        choice if standings[choice.index].serves else replace(choice, because="declared by nobody")
        for choice in choices
    )


def _price(standing: Standing) -> float:
    if standing.embedded:
        return 0.0
    return float("inf") if standing.cost is None else standing.cost


def _quicker(one: Standing, other: Standing) -> str | None:
    """Why `one` goes before `other`, if it does."""
    if one.seconds is None or other.seconds is None:
        return None
    if one.seconds >= QUICKER * other.seconds:
        return None
    return f"quicker: {one.seconds:.2f} s, {other.name} {other.seconds:.2f} s"


def _cheaper(one: Standing, other: Standing) -> str | None:
    if one.cost is None or other.cost is None or one.cost >= other.cost:
        return None
    return f"cheaper than {other.name}"


def _sort_cloud(
    places: list[int],
    standings: Sequence[Standing],
    reasons: dict[int, str],
    before: Callable[[Standing, Standing], str | None],
) -> None:
    """Insertion sort of the cloud's providers over the places that they have."""
    slots = [slot for slot, place in enumerate(places) if not standings[place].embedded]
    cloud = [places[slot] for slot in slots]
    for position in range(1, len(cloud)):
        while position > 0:
            one, other = cloud[position], cloud[position - 1]
            if (because := before(standings[one], standings[other])) is None:
                break
            reasons[one] = because
            cloud[position - 1], cloud[position] = one, other
            position -= 1
    for slot, place in zip(slots, cloud, strict=True):
        places[slot] = place
