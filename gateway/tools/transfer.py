"""Putting a caller through: to a person who is called first, or on in the dialplan for good."""

from collections.abc import Iterable, Mapping

from gateway.call.requests import RequestOutcome, TransferToExtension, TransferToPerson
from gateway.profile import Phrases, Profile, ToolName
from gateway.providers.base import Json, ToolSpec
from gateway.tools.base import Ask, Reply, ToolContext, ToolResult

SUMMARY_CHARACTERS = 200


class TransferToPersonTool:
    """Ask for one of the profile's people. On failure the model is told `<outcome>: <sentence>`,
    a sentence the caller can be told as it is."""

    def __init__(self, profile: Profile) -> None:
        self._people = profile.people
        self._phrases = profile.phrases
        listed = "; ".join(f"{name} = {who.description}" for name, who in self._people.items())
        self.spec = ToolSpec(
            name=ToolName.TRANSFER_TO_PERSON.value,
            description=(
                "Connect the caller to a person. Use it when the caller asks for a person, or when"
                " you cannot help. The caller then hears an announcement by itself: do not announce"
                " the transfer and do not say goodbye. If the person cannot be reached you are told"
                f" so, and the conversation goes on. People: {listed}."
            ),
            parameters=_schema(
                target=_target(self._people, "Whom to connect the caller to."),
                summary={
                    "type": "string",
                    "maxLength": SUMMARY_CHARACTERS,
                    "description": "What the caller wants, in one short line for that person.",
                },
            ),
        )

    async def run(self, arguments: Mapping[str, Json], context: ToolContext, /) -> ToolResult:
        target = str(arguments["target"])
        if target not in self._people:
            return Reply(_unknown(target, tuple(self._people)))
        person = self._people[target]
        return Ask(
            TransferToPerson(
                target=target,
                endpoint=person.endpoint,
                timeout=person.timeout,
                summary=str(arguments.get("summary", "")),
            ),
            announcement=self._phrases.connecting.format(person=person.description),
            on_failure=failure_texts(self._phrases, person.description),
        )


class TransferToExtensionTool:
    """Ask for one of the profile's extensions, and for no other: Asterisk accepts a transfer to
    a context that does not exist and then drops the call."""

    def __init__(self, profile: Profile) -> None:
        self._extensions = profile.extensions
        self._phrases = profile.phrases
        listed = "; ".join(f"{name} = {at.description}" for name, at in self._extensions.items())
        self.spec = ToolSpec(
            name=ToolName.TRANSFER_TO_EXTENSION.value,
            description=(
                "Send the caller on for good; you cannot come back. The caller then hears an"
                f" announcement by itself: do not announce it. Destinations: {listed}."
            ),
            parameters=_schema(target=_target(self._extensions, "Where to send the caller.")),
        )

    async def run(self, arguments: Mapping[str, Json], context: ToolContext, /) -> ToolResult:
        target = str(arguments["target"])
        if target not in self._extensions:
            return Reply(_unknown(target, tuple(self._extensions)))
        extension = self._extensions[target]
        return Ask(
            TransferToExtension(
                target=target,
                context=extension.context,
                extension=extension.extension,
                priority=extension.priority,
            ),
            announcement=self._phrases.connecting.format(person=extension.description),
            on_failure=failure_texts(self._phrases, extension.description),
        )


def failure_texts(phrases: Phrases, person: str) -> Mapping[str, str]:
    """What the model is told for each outcome that is not success."""
    sentences = {
        RequestOutcome.BUSY: phrases.busy,
        RequestOutcome.NO_ANSWER: phrases.no_answer,
        RequestOutcome.UNREACHABLE: phrases.nobody_available,
    }
    return {
        outcome.value: f"{outcome.value}: {sentence.format(person=person)}"
        for outcome, sentence in sentences.items()
    }


def _unknown(target: str, known: tuple[str, ...]) -> str:
    return f"unknown target {target}; known are: {', '.join(known)}"


def _target(names: Iterable[str], description: str) -> Mapping[str, Json]:
    return {"type": "string", "enum": list(names), "description": description}


def _schema(target: Mapping[str, Json], **optional: Mapping[str, Json]) -> Mapping[str, Json]:
    return {
        "type": "object",
        "properties": {"target": target, **optional},
        "required": ["target"],
        "additionalProperties": False,
    }
