"""A caller asks for another language in mid-call, and everything follows."""

from collections.abc import Callable

import pytest

from gateway.conversation.means import CallFacts, Tongue
from gateway.conversation.record import LanguageChange
from gateway.conversation.speech import SpeechLibrary, SpeechMaker
from gateway.errors import ProviderError
from gateway.profile import LanguageChoice, Profile, in_language
from gateway.providers.base import TextDelta, ToolCall, Voice
from gateway.tools.registry import tools_for
from tests.fakes.speech import Ear, Model
from tests.gateway.conversation.scene import PROFILE, Scene

pytestmark = pytest.mark.virtual_time

HOME: Profile = PROFILE.model_copy(
    update={
        "languages": {"es-ES": LanguageChoice(called={"anna": "Ana"})},
        "also": ("en-US", "es-ES"),
    }
)
SWITCH = ToolCall("t1", "switch_language", {"language": "es-ES"})


def scene(*scripts: list[TextDelta | ToolCall | float | ProviderError]) -> tuple[Scene, Ear]:
    """A call whose other ear hears at another rate."""
    played = Scene(Model(list(scripts)), profile=HOME, tools=dict(tools_for(HOME)))
    other = Ear(played.words, delay=0.1)
    played.tongues = tongues(played, other)
    return played, other


def tongues(played: Scene, ear: Ear) -> Callable[[str], Tongue | None]:
    def tongue(language: str) -> Tongue | None:
        if language not in HOME.also:
            return None
        profile = in_language(HOME, language)
        voice = Voice(language, "Elvira")
        return Tongue(
            CallFacts("call", "+15550132", profile, language),
            ear,
            SpeechMaker(played.speaker, voice, played.line.codec, SpeechLibrary()),
            tools_for(profile),
        )

    return tongue


async def test_ear_voice_phrases_and_instructions_follow() -> None:
    played, other = scene([SWITCH], [TextDelta("¿Qué desea?")], [TextDelta("Abrimos a las ocho.")])
    async with played.play():
        await played.greeted()
        played.line.says("En español por favor", after=0.5)
        await played.until(lambda: len(played.agent("answer")) == 1)
        played.line.says("A qué hora abren", after=0.5)
        await played.until(lambda: len(played.agent("answer")) == 2)
    assert played.agent("answer") == [
        "Claro, seguimos en español. ¿Qué desea?",
        "Abrimos a las ocho.",
    ]
    assert (played.ear.languages, other.languages) == (["en-US"], ["es-ES"])
    assert other.open_calls == 0
    assert played.caller() == ["En español por favor", "A qué hora abren"]
    first, second, third = played.model.requests
    assert (first.language, second.language, third.language) == ("en-US", "es-ES", "es-ES")
    assert "Ana" in third.instructions
    assert played.speaker.languages == ["en-US", "es-ES", "es-ES", "es-ES"]
    (change,) = (e for e in played.record.entries if isinstance(e, LanguageChange))
    assert (change.before, change.language) == ("en-US", "es-ES")
    assert change.to_json()["request"] == "switch_language"


async def test_what_was_said_before_is_said_in_the_old_voice() -> None:
    played, _ = scene([TextDelta("Of course. "), SWITCH], [TextDelta("Hola.")])
    async with played.play():
        await played.greeted()
        played.line.says("Spanish please", after=0.5)
        await played.until(lambda: len(played.agent("answer")) == 1)
    said = list(zip(played.speaker.spoken, played.speaker.languages, strict=True))
    assert said[1:] == [
        ("Of course.", "en-US"),
        ("Claro, seguimos en español.", "es-ES"),
        ("Hola.", "es-ES"),
    ]


async def test_a_caller_who_speaks_while_the_ear_is_changed_is_heard_whole() -> None:
    played, _ = scene([SWITCH], [TextDelta("Bien.")], [TextDelta("Sí.")])
    async with played.play():
        await played.greeted()
        played.line.says("Spanish please", after=0.5)
        await played.until(lambda: "es-ES" in played.speaker.languages)
        played.line.says("Quiero una cita mañana por la mañana", after=0.0)
        await played.until(lambda: len(played.caller()) == 2)
    assert played.caller()[1] == "Quiero una cita mañana por la mañana"


async def test_a_language_that_cannot_be_had_leaves_the_call_as_it_is() -> None:
    played, other = scene([SWITCH], [TextDelta("I'm sorry, not now.")])
    played.tongues = lambda language: None
    async with played.play():
        await played.greeted()
        played.line.says("Spanish please", after=0.5)
        await played.until(lambda: len(played.agent("answer")) == 1)
    assert played.agent("answer") == ["I'm sorry, not now."]
    assert other.languages == []
    results = [m.text for m in played.model.requests[1].messages if m.tool_call_id]
    assert results == ["That language is not available now. Say so."]


async def test_a_language_that_is_not_in_the_list_is_answered_to_the_model() -> None:
    german = ToolCall("t1", "switch_language", {"language": "de-DE"})
    played, other = scene([german], [TextDelta("Only English or Spanish.")])
    async with played.play():
        await played.greeted()
        played.line.says("Deutsch bitte", after=0.5)
        await played.until(lambda: len(played.agent("answer")) == 1)
    assert other.languages == []


async def test_an_ear_that_does_not_open_in_the_new_language_leads_to_a_person() -> None:
    played, other = scene([SWITCH], [TextDelta("Bien.")])
    other.fails_at = 0.0
    async with played.play():
        await played.greeted()
        played.line.says("Spanish please", after=0.5)
        await played.until(lambda: played.agent("leaving") != [])
    assert "Ana" in played.agent("leaving")[0]
