"""Ending the call, after the goodbye was heard."""

from collections.abc import Mapping

from gateway.call.requests import HangUp
from gateway.profile import Profile, ToolName
from gateway.providers.base import Json, ToolSpec
from gateway.tools.base import Ask, ToolContext, ToolResult


class HangUpTool:
    """Ask for the end of the call, with the profile's goodbye before it."""

    def __init__(self, profile: Profile) -> None:
        self._goodbye = profile.goodbye
        self.spec = ToolSpec(
            name=ToolName.HANG_UP.value,
            description=(
                "End the call. Use it when the caller says goodbye or needs nothing more. The"
                f" caller hears “{self._goodbye}” first: do not say goodbye yourself."
            ),
            parameters={"type": "object", "properties": {}, "additionalProperties": False},
        )

    async def run(self, arguments: Mapping[str, Json], context: ToolContext, /) -> ToolResult:
        return Ask(HangUp(), announcement=self._goodbye)
