"""Going on in another of the agent's languages."""

from collections.abc import Mapping

from gateway.languages import english_name
from gateway.profile import Profile
from gateway.providers.base import Json, ToolSpec
from gateway.tools.base import Reply, Switch, ToolContext, ToolResult

NAME = "switch_language"


class SwitchLanguageTool:
    """Ask for one of the languages in `profile.also`."""

    def __init__(self, profile: Profile) -> None:
        self._languages = profile.also
        listed = "; ".join(f"{tag} = {english_name(tag)}" for tag in self._languages)
        self.spec = ToolSpec(
            name=NAME,
            description=(
                "Go on in another language. Use it as soon as the caller asks for one or speaks it."
                " The caller then hears a short sentence in that language by itself; answer what"
                f" was asked in that language. Languages: {listed}."
            ),
            parameters={
                "type": "object",
                "properties": {
                    "language": {
                        "type": "string",
                        "enum": list(self._languages),
                        "description": "The language to go on in.",
                    }
                },
                "required": ["language"],
                "additionalProperties": False,
            },
        )

    async def run(self, arguments: Mapping[str, Json], context: ToolContext, /) -> ToolResult:
        language = str(arguments["language"])
        if language == context.language:
            return Reply(f"You speak {english_name(language)} already.")
        return Switch(language)
