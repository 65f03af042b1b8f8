"""Which tools an agent has."""

from collections.abc import Callable, Mapping

from gateway.profile import Profile, ToolName
from gateway.tools import switch_language
from gateway.tools.base import Tool
from gateway.tools.hang_up import HangUpTool
from gateway.tools.send_digits import SendDigitsTool
from gateway.tools.transfer import TransferToExtensionTool, TransferToPersonTool

TOOLS: Mapping[ToolName, Callable[[Profile], Tool]] = {
    ToolName.TRANSFER_TO_PERSON: TransferToPersonTool,
    ToolName.TRANSFER_TO_EXTENSION: TransferToExtensionTool,
    ToolName.HANG_UP: HangUpTool,
    ToolName.SEND_DIGITS: SendDigitsTool,
}


def tools_for(profile: Profile) -> Mapping[str, Tool]:
    """The tools the profile allows, by the name a model calls them; with more than one language
    also the one that changes it."""
    tools: dict[str, Tool] = {name.value: TOOLS[name](profile) for name in profile.tools}
    if len(profile.also) > 1:
        tools[switch_language.NAME] = switch_language.SwitchLanguageTool(profile)
    return tools
