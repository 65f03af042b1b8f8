"""The tools of one call: what the model may ask for, checked before it is run."""

import asyncio
from collections.abc import Mapping

from jsonschema import Draft202012Validator

from gateway.errors import GatewayError
from gateway.providers.base import ToolCall, ToolSpec
from gateway.tools.base import Reply, Tool, ToolContext, ToolResult

TOOL_SECONDS = 20.0
"""A tool that takes longer is given up, and the model is told."""
MOST_PROBLEMS = 3


class Toolbox:
    """Runs tools for one call. A call that cannot be run is answered to the model, in words."""

    def __init__(self, tools: Mapping[str, Tool], context: ToolContext) -> None:
        self._tools = tools
        self._context = context

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        return tuple(tool.spec for tool in self._tools.values())

    def has_effect(self, call: ToolCall) -> bool:
        """Whether `call` changes the world, so that it has to wait for certainty."""
        tool = self._tools.get(call.name)
        return tool is not None and tool.spec.effect and not call.unreadable

    async def run(self, call: ToolCall) -> ToolResult:
        """What the tool answers; a Reply that names the problem if it could not be run."""
        tool = self._tools.get(call.name)
        if tool is None:
            known = ", ".join(self._tools) or "none"
            return Reply(f"There is no tool {call.name}. Tools: {known}.")
        if call.unreadable:
            return Reply("Not run: the arguments are no JSON object, or were cut off.")
        if problems := _problems(tool.spec, call):
            return Reply(f"Not run, the arguments are wrong: {problems}")
        try:
            async with asyncio.timeout(TOOL_SECONDS):
                return await tool.run(call.arguments, self._context)
        except TimeoutError:
            return Reply("The tool took too long and was given up.")
        except GatewayError as error:
            return Reply(f"The tool failed: {type(error).__name__}.")


def _problems(spec: ToolSpec, call: ToolCall) -> str:
    errors = Draft202012Validator(dict(spec.parameters)).iter_errors(call.arguments)
    found = [f"{error.json_path} {error.message}" for error in errors]
    return "; ".join(found[:MOST_PROBLEMS])
