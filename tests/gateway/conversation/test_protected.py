"""Sentences nobody can interrupt, secrets, and callers on hold."""

import asyncio

import pytest

from gateway.conversation.masking import Mask, asks_for_secret, digit_rows
from gateway.conversation.protected import holds
from gateway.conversation.record import Sound
from gateway.conversation.sessions import Sessions
from gateway.profile import Intent, Slot, SlotKind
from gateway.providers.base import TextDelta, ToolCall
from gateway.store.memory import MemoryStore
from gateway.tools.base import Reply
from tests.fakes.speech import Model
from tests.gateway.conversation.scene import PROFILE, FakeTool, Scene, profile, says

NOTICE = "This call is recorded for training."


def loud(scene: Scene) -> Scene:
    """The fake caller's later words are louder: loud enough to be no echo of ours."""
    for _ in range(100):
        scene.words.sample("unsaid")
    return scene


@pytest.mark.parametrize(
    ("said", "heard", "protected"),
    [
        (f"Hello. {NOTICE} How are you?", "", True),
        (f"Hello. {NOTICE} How are you?", "Hello. This call is", True),
        (f"Hello. {NOTICE} How are you?", f"Hello. {NOTICE}", False),
        (f"Hello. {NOTICE} How are you?", f"Hello. {NOTICE} How", False),
        ("Hello. How are you?", "", False),
    ],
)
def test_protection_lasts_until_the_sentence_was_heard(
    said: str, heard: str, *, protected: bool
) -> None:
    assert holds([NOTICE], said, lambda: heard) is protected


@pytest.mark.virtual_time
async def test_a_legal_notice_is_heard_to_its_end_and_then_the_caller_is_answered() -> None:
    greeting = f"Hello. {NOTICE} You can say whatever you like now and take your time with it."
    scene = Scene(
        Model([[TextDelta("From nine to five.")]]),
        profile=profile(greeting=greeting, protected=(NOTICE,)),
    )
    async with loud(scene).play():
        scene.line.says("When are you open?", after=0.3)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
    [heard] = scene.agent("greeting")
    assert heard.startswith(f"Hello. {NOTICE}")
    assert len(heard) < len(greeting)
    assert scene.caller() == ["When are you open?"]
    assert scene.agent("answer") == ["From nine to five."]


@pytest.mark.virtual_time
async def test_a_caller_who_spoke_into_a_notice_has_been_left_in_quiet_since_its_end() -> None:
    scene = Scene(
        Model([says(9.0, "Here it is.")]), profile=profile(greeting=NOTICE, protected=(NOTICE,))
    )
    async with loud(scene).play():
        scene.line.says("When are you open?", after=0.3)
        await scene.until(lambda: PROFILE.phrases.fillers[0] in scene.speaker.spoken)
        filler_asked = asyncio.get_running_loop().time()
    notice_over = max(time for time, _ in scene.line.left if time < filler_asked)
    assert 1.5 < filler_asked - notice_over < 1.9


@pytest.mark.virtual_time
async def test_a_notice_in_an_answer_is_protected_too() -> None:
    scene = Scene(
        Model([[TextDelta(f"Sure. {NOTICE}")], [TextDelta("All right.")]]),
        profile=profile(protected=(NOTICE,)),
    )
    async with scene.play():
        await scene.greeted()
        end = scene.line.says("I need a taxi.", after=0.5)
        scene.line.says("No stop, I changed my mind.", after=end + 1.6)
        await scene.until(lambda: len(scene.agent("answer")) == 2)
    assert scene.agent("answer") == [f"Sure. {NOTICE}", "All right."]


@pytest.mark.virtual_time
async def test_listening_to_a_notice_is_no_turn() -> None:
    scene = Scene(profile=profile(greeting=NOTICE, protected=(NOTICE,)))
    async with loud(scene).play():
        scene.line.says("Okay.", after=0.5)
        await scene.greeted()
        await asyncio.sleep(3.0)
        assert scene.caller() == []
        assert scene.model.requests == []
        assert [e.text for e in scene.record.entries if isinstance(e, Sound)] == ["Okay."]


@pytest.mark.virtual_time
async def test_no_key_cuts_a_notice() -> None:
    scene = Scene(
        Model([[TextDelta("Fine.")]]), profile=profile(greeting=NOTICE, protected=(NOTICE,))
    )
    async with scene.play():
        await scene.until(lambda: scene.line.played > 20)
        for digit in "42#":
            scene.dialogue.dtmf(digit)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        assert scene.agent("greeting") == [NOTICE]
        assert scene.caller() == ["42"]


# --- secrets ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("it is four seven one one, thanks", [("four seven one one", "4711")]),
        ("4 7 11", [("4 7 11", "4711")]),
        ("double four seven", [("double four seven", "")]),
        ("c'est quatre sept un un", [("quatre sept un un", "4711")]),
        ("四七一一", [("四七一一", "4711")]),
        ("at nine I have one", []),
        ("47", []),
    ],
)
def test_rows_of_digits_are_found_as_they_are_said(text: str, rows: list[tuple[str, str]]) -> None:
    assert list(digit_rows(text)) == rows


@pytest.mark.parametrize(
    "question",
    [
        "Please enter your PIN.",
        "Wie lautet Ihr Passwort?",
        "Quel est votre mot de passe ?",
        "¿Cuál es su contraseña?",
        "Qual é a sua senha?",
        "请输入您的密码。",
        "暗証番号をどうぞ。",
        "비밀번호를 말씀해 주세요.",
        "Введите пароль.",
    ],
)
def test_secrets_are_asked_for_in_many_languages(question: str) -> None:
    assert asks_for_secret(question)
    assert not asks_for_secret("What is your order number?")


def test_a_secret_is_hidden_however_it_is_written() -> None:
    mask = Mask()
    mask.learn_spoken("Four seven one one.")
    hidden = mask.hide("four seven one one, 4711, 47-11, 4 7 1 1; but 47110 and four")
    assert hidden == "••••••••••••••••••, ••••, •••••, •••••••; but 47110 and four"
    assert mask.hide_in({"pin": 4711, "on": True, "n": 5}) == {"pin": "••••", "on": True, "n": 5}


@pytest.mark.virtual_time
@pytest.mark.parametrize("spoken", [True, False])
async def test_a_secret_is_used_and_nowhere_kept(*, spoken: bool) -> None:
    sessions = Sessions(MemoryStore(lambda: 0.0), kept_seconds=60)
    ask = "What is your customer word in digits?"
    slot = Slot(name="code", ask=ask, kind=SlotKind.NUMBER, secret=True)
    intent = Intent(name="in", examples=("let me in",), slots=(slot,), done="ok")
    tool = FakeTool(Reply("the code 4711 is right"), effect=False)
    scene = Scene(
        Model(
            [
                [TextDelta(ask)],
                [ToolCall("1", "act", {"target": "4711"})],
                [TextDelta("Your code 4 7 1 1 is right.")],
            ]
        ),
        profile=profile(intents=(intent,)),
        tools={"act": tool},
        sessions=sessions,
    )
    async with scene.play():
        await scene.greeted()
        scene.line.says("Let me in please.", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        if spoken:
            scene.line.says("it is four seven one one", after=0.3)
        else:
            for digit in "4711#":
                scene.dialogue.dtmf(digit)
        await scene.until(lambda: len(scene.agent("answer")) == 2)
    used = scene.model.requests[1].messages[-1].text
    assert used == ("it is four seven one one" if spoken else "4711")
    session = await sessions.of_call("call")
    assert session is not None
    for kept in (session.to_bytes().decode(), str(scene.record.to_json())):
        assert "4711" not in kept
        assert "4 7 1 1" not in kept
        assert "four seven" not in kept


# --- on hold ------------------------------------------------------------------------------------


@pytest.mark.virtual_time
async def test_who_puts_us_on_hold_is_not_talked_to_and_their_music_is_no_turn() -> None:
    scene = Scene(Model([[TextDelta("Yes.")]]))
    async with scene.play():
        await scene.until(lambda: scene.line.played > 20)
        scene.dialogue.caller_holds(on=True)
        await asyncio.sleep(0.1)
        heard_before = scene.line.played
        scene.line.says("la la la the music plays all day long", after=0.5)
        await asyncio.sleep(60.0)
        assert scene.line.played == heard_before
        assert scene.caller() == []
        assert scene.agent("no_input") == []
        scene.dialogue.caller_holds(on=False)
        await scene.greeted()
        assert scene.agent("greeting") == [PROFILE.greeting]
        scene.line.says("Are you open?", after=0.5)
        await scene.until(lambda: scene.agent("answer") == ["Yes."])
