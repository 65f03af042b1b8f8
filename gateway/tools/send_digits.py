"""Sending DTMF: for callers that are machines, and for what opens by digits."""

from collections.abc import Mapping

from gateway.call.requests import RequestOutcome, SendDigits
from gateway.profile import Profile, ToolName
from gateway.providers.base import Json, ToolSpec
from gateway.tools.base import Ask, ToolContext, ToolResult

MOST_DIGITS = 32
NOT_SENT = "failed: the digits could not be sent"


class SendDigitsTool:
    """Ask for digits to be sent to the caller's side. The model is told when they have sounded."""

    def __init__(self, _profile: Profile) -> None:
        self.spec = ToolSpec(
            name=ToolName.SEND_DIGITS.value,
            description=(
                "Send telephone keys (DTMF tones) to the other side of the line, as if you had a"
                " keypad: to choose in a menu that you hear, or to open a door. Nobody hears them"
                " spoken."
            ),
            parameters={
                "type": "object",
                "properties": {
                    "digits": {
                        "type": "string",
                        "pattern": f"^[0-9A-D*#]{{1,{MOST_DIGITS}}}$",
                        "description": "The keys in order: 0 to 9, * and #.",
                    },
                    "tone_ms": _milliseconds("How long each tone lasts.", 40, 1000),
                    "pause_ms": _milliseconds("The silence between two tones.", 40, 2000),
                },
                "required": ["digits"],
                "additionalProperties": False,
            },
        )

    async def run(self, arguments: Mapping[str, Json], context: ToolContext, /) -> ToolResult:
        times = {k: v for k in ("tone_ms", "pause_ms") if isinstance(v := arguments.get(k), int)}
        return Ask(
            SendDigits(str(arguments["digits"]), **times),
            on_failure={RequestOutcome.FAILED.value: NOT_SENT},
        )


def _milliseconds(about: str, least: int, most: int) -> Mapping[str, Json]:
    return {"type": "integer", "minimum": least, "maximum": most, "description": about}
