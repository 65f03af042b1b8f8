"""What the embedded agent can do for a caller besides answering."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from gateway.profile.forms import Name, Spoken, SpokenOrNothing, Table, Text, placeholders


class ToolName(StrEnum):
    """What an agent may be allowed to do."""

    TRANSFER_TO_PERSON = "transfer_to_person"
    TRANSFER_TO_EXTENSION = "transfer_to_extension"
    HANG_UP = "hang_up"
    SEND_DIGITS = "send_digits"


class SlotKind(StrEnum):
    """What a caller is asked for, and so how the answer is understood."""

    NAME = "name"
    TEXT = "text"
    NUMBER = "number"
    """Digits said one by one: an order number, a date of birth, a phone number."""
    DAY = "day"
    TIME = "time"
    YES_NO = "yes_no"


class Slot(Table):
    """One thing an intent needs to know."""

    name: Name
    """What confirm, arguments and done call it: `{name}`."""
    ask: Spoken
    """The question the caller hears."""
    kind: SlotKind = SlotKind.TEXT
    """name, text, number, day, time or yes_no."""
    digits: int | None = Field(None, ge=1, le=30)
    """How many digits a number has, if that is known."""
    secret: bool = False
    """A PIN, a card number: used, but dots in record and history of the call."""


class Intent(Table):
    """Something the embedded agent can do for a caller: ask, confirm, then act."""

    name: Name
    """What the call's record calls it."""
    examples: tuple[Text, ...] = Field(min_length=1)
    """Ways callers ask for it."""
    slots: tuple[Slot, ...] = ()
    """What is asked, in this order; what the caller said already is not asked again."""
    confirm: Spoken | None = None
    """A question repeating what was understood; only a yes leads on."""
    tool: ToolName | None = None
    """The tool that is run."""
    arguments: Mapping[str, str] = {}
    """The tool's arguments; `{slot}` stands for an answer."""
    done: SpokenOrNothing = ""
    """What is said at the end, if the tool itself says nothing."""

    @model_validator(mode="after")
    def _names_its_own_slots(self) -> Self:
        known = {slot.name for slot in self.slots}
        templates = {"confirm": self.confirm or "", "done": self.done}
        templates |= {f"arguments.{key}": value for key, value in self.arguments.items()}
        for where, template in templates.items():
            for name in placeholders(template):
                if name not in known:
                    raise ValueError(f"{where} names {{{name}}}, which is none of its slots")
        if self.tool is None and self.arguments:
            raise ValueError("has arguments but no tool; name the tool")
        if self.tool is None and not self.done:
            raise ValueError("does nothing; give it a tool, or words in done")
        return self
