"""What one agent may cost."""

from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import Field

from gateway.profile.forms import Table

Amount: TypeAlias = Annotated[Decimal, Field(gt=0)]
"""Of money."""


class ProfileBudget(Table):
    """What this agent may cost; amounts are in the price table's currency (docs/costs.md)."""

    call_soft_limit: Amount | None = None
    """Instead of `money.call_soft_limit`: from here on the cheapest providers are asked first."""
    call_hard_limit: Amount | None = None
    """Instead of `money.call_hard_limit`: here the agent says goodbye, with a person to go on."""
    day_soft_limit: Amount | None = None
    """Soft limit of all calls of this agent in a day (UTC)."""
    day_hard_limit: Amount | None = None
    """Hard limit of all calls of this agent in a day."""
