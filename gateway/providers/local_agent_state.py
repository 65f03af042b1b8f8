"""What the local agent remembers of a call, as JSON between its turns. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from gateway.providers.base import Json

CONFIRMING = "?confirm"
CORRECTING = "?correct"
"""What `asking` says besides a slot's name; no slot can be called so."""


@dataclass(frozen=True, slots=True)
class AgentState:
    """The whole memory; speculation throws it away, a resumed call brings it back.

    `missed`: turns in a row that were not understood. `intent` with its `filled` slots is what is
    being arranged, `asking` the slot in question (or CONFIRMING, CORRECTING). `offer` is what a
    yes would lead to: `topic:<title>`, `person:<name>:<summary>`,
    `extension:<name>` or `more`. `topic` was
    talked about last, `said` is the agent's last answer.
    """

    missed: int = 0
    intent: str = ""
    filled: Mapping[str, str] = field(default_factory=dict)
    asking: str = ""
    offer: str = ""
    topic: str = ""
    said: str = ""

    @classmethod
    def from_json(cls, state: Mapping[str, Json]) -> "AgentState":
        """The state as it was sent; anything of another shape is as good as nothing."""
        filled = state.get("filled")
        values = {name: value for name, value in state.items() if isinstance(value, str)}
        known = {item.name for item in fields(cls)} - {"missed", "filled"}
        missed = state.get("missed")
        return cls(
            missed=missed if isinstance(missed, int) else 0,
            filled={k: str(v) for k, v in filled.items()} if isinstance(filled, Mapping) else {},
            **{name: value for name, value in values.items() if name in known},
        )

    def to_json(self) -> Mapping[str, Json]:
        return {
            "missed": self.missed,
            "intent": self.intent,
            "filled": dict(self.filled),
            "asking": self.asking,
            "offer": self.offer,
            "topic": self.topic,
            "said": self.said,
        }
