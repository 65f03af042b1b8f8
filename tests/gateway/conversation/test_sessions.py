"""Conversations in the store: as they change, whole, and for the caller who returns."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.sessions import RETRY_SECONDS, Session, Sessions
from gateway.errors import StoreError
from gateway.providers.base import Message, Role, StateUpdate, TextDelta, ToolCall
from gateway.store.memory import MemoryStore
from tests.fakes.speech import Model
from tests.gateway.conversation.scene import PROFILE, Scene

MESSAGES = (
    Message(Role.ASSISTANT, "Hello."),
    Message(Role.USER, "Grüß Gott, 你好"),
    Message(Role.ASSISTANT, "", (ToolCall("1", "look", {"a": [1, None]}),)),
    Message(Role.TOOL, "found", tool_call_id="1"),
    Message(Role.ASSISTANT, "It is", interrupted=True),
)


def test_a_session_survives_the_store() -> None:
    session = Session("c", "+1555", "clinic", "en-US", MESSAGES, {"step": 2})
    assert Session.from_bytes(session.to_bytes()) == session


@given(st.one_of(st.binary(max_size=60), st.just(b'{"version": 1}'), st.just(b'{"version": 9}')))
def test_anything_else_is_a_value_error(stored: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own message is one of them
        Session.from_bytes(stored)


async def test_a_caller_is_found_again_only_where_that_is_allowed() -> None:
    sessions = Sessions(MemoryStore(lambda: 0.0), kept_seconds=60)
    session = Session("c", "+1555", "clinic", "en-US", MESSAGES)
    await sessions.save(session)
    assert await sessions.of_call("c") == session
    assert await sessions.of_caller("clinic", "+1555") is None
    await sessions.save(session, resumable_seconds=60)
    assert await sessions.of_caller("clinic", "+1555") == session
    assert await sessions.of_caller("shop", "+1555") is None
    await sessions.forget(session)
    assert await sessions.of_caller("clinic", "+1555") is None
    assert await sessions.of_call("c") is None


async def test_callers_without_a_number_are_not_mixed_up() -> None:
    sessions = Sessions(MemoryStore(lambda: 0.0), kept_seconds=60)
    await sessions.save(Session("c", "", "clinic", "en-US"), resumable_seconds=60)
    assert await sessions.of_caller("clinic", "") is None


@pytest.mark.virtual_time
async def test_the_conversation_is_in_the_store_while_it_goes_on() -> None:
    sessions = Sessions(MemoryStore(lambda: 0.0), kept_seconds=60)
    model = Model([[StateUpdate({"topic": "hours"}), TextDelta("From nine to five.")]])
    scene = Scene(
        model, sessions=sessions, profile=PROFILE.model_copy(update={"resume_seconds": 60})
    )
    async with scene.play():
        await scene.greeted()
        scene.line.says("When are you open?", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        await asyncio.sleep(0.1)
        session = await sessions.of_call("call")
    assert session is not None
    assert [message.text for message in session.messages] == [
        "Hello, this is Acme Clinic.",
        "When are you open?",
        "From nine to five.",
    ]
    assert session.state == {"topic": "hours"}
    assert await sessions.of_caller("clinic", "+15550132") == session


@pytest.mark.virtual_time
async def test_what_was_said_last_is_kept_when_the_caller_hangs_up() -> None:
    sessions = Sessions(MemoryStore(lambda: 0.0), kept_seconds=60)
    async with Scene(sessions=sessions).play() as scene:
        await asyncio.sleep(1.0)
    session = await sessions.of_call("call")
    assert session is not None
    [greeting] = session.messages
    assert greeting.interrupted
    assert scene.agent("greeting") == [greeting.text.removesuffix("…")]


@pytest.mark.virtual_time
async def test_a_caller_who_returns_goes_on_where_the_talk_was() -> None:
    earlier = Session("old", "+15550132", "clinic", "en-US", MESSAGES, {"step": 2})
    scene = Scene(Model([[TextDelta("Yes.")]]), earlier=earlier)
    async with scene.play():
        await scene.greeted()
        scene.line.says("And on Sunday?", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
    [request] = scene.model.requests
    assert request.messages[: len(MESSAGES)] == MESSAGES
    assert request.state == {"step": 2}


@pytest.mark.virtual_time
async def test_what_a_crash_leaves_is_found_once_with_all_that_was_said() -> None:
    store = MemoryStore(lambda: 0.0)
    sessions = Sessions(store, kept_seconds=60, owner="gateway")
    await start(sessions)
    scene = Scene(Model([[TextDelta("From nine to five.")]]), sessions=sessions)
    async with scene.play():
        await scene.greeted()
        scene.line.says("When are you open?", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 1)
        await asyncio.sleep(0.1)
        # A gateway that died leaves the store as it is now.
        next_one = Sessions(store, kept_seconds=60, owner="gateway")
        assert await Sessions(store, kept_seconds=60, owner="other").left_over() == ()
        [left] = await next_one.left_over()
        assert await next_one.left_over() == (left,)
        await next_one.told()
        assert await next_one.left_over() == ()
    assert left.call_id == "call"
    assert left.standing == "listening"
    assert [message.text for message in left.messages][1:] == [
        "When are you open?",
        "From nine to five.",
    ]
    turns = left.record["turns"]
    assert isinstance(turns, list)
    assert [turn["text"] for turn in turns][1:] == ["When are you open?", "From nine to five."]


@pytest.mark.virtual_time
async def test_a_call_that_ended_well_is_not_left_over() -> None:
    store = MemoryStore(lambda: 0.0)
    sessions = Sessions(store, kept_seconds=60)
    await start(sessions)
    async with Scene(sessions=sessions).play() as scene:
        await scene.greeted()
    assert await Sessions(store, kept_seconds=60).left_over() == ()


@pytest.mark.virtual_time
async def test_where_the_talk_stands_is_kept_as_it_changes() -> None:
    sessions = Sessions(MemoryStore(lambda: 0.0), kept_seconds=60)
    stands: list[str] = [""]
    async with Scene(Model([[5.0, TextDelta("Yes.")]]), sessions=sessions).play() as scene:
        scene.line.says("Are you open?", after=6.0)
        for _ in range(200):
            await asyncio.sleep(0.1)
            session = await sessions.of_call("call")
            if session is not None and session.standing != stands[-1]:
                stands.append(session.standing)
    assert stands[1:5] == ["greeting", "listening", "answer", "listening"]


@pytest.mark.virtual_time
async def test_who_comes_back_is_welcomed_back() -> None:
    earlier = Session("old", "+15550132", "clinic", "en-US", MESSAGES)
    async with Scene(earlier=earlier).play() as scene:
        await scene.greeted()
        assert scene.agent("greeting") == [PROFILE.phrases.welcome_back]


class Sleepy(MemoryStore):
    """Fails when it is asked or told something, `deaf` times."""

    deaf = 0

    async def read(self, key: str, /) -> bytes | None:
        self._wake()
        return await super().read(key)

    async def keep(self, key: str, value: bytes, /, *, seconds: float) -> None:
        self._wake()
        await super().keep(key, value, seconds=seconds)

    def _wake(self) -> None:
        if self.deaf:
            self.deaf -= 1
            raise StoreError("asleep")


async def start(sessions: Sessions) -> None:
    """As a gateway does that finds nothing left over."""
    assert await sessions.left_over() == ()
    await sessions.told()


@pytest.mark.virtual_time
async def test_a_store_that_is_slow_at_first_loses_no_left_over_call() -> None:
    store = Sleepy(lambda: 0.0)
    dead = Sessions(store, kept_seconds=60)
    await start(dead)
    left = Session("left", "+1555", "clinic", "en-US")
    dead.begin("left")
    await dead.save(left)
    store.deaf = 20
    ours = Sessions(store, kept_seconds=60)
    finding = asyncio.create_task(ours.left_over())
    ours.begin("ours")
    own = replace(left, call_id="ours")
    with pytest.raises(StoreError):
        await ours.save(own)
    assert await finding == (left,)
    await ours.save(own)
    assert await Sessions(store, kept_seconds=60).left_over() == (left,)
    await ours.told()
    assert await Sessions(store, kept_seconds=60).left_over() == (own,)


@pytest.mark.virtual_time
async def test_what_a_store_did_not_keep_is_written_again() -> None:
    store = Sleepy(lambda: 0.0)
    sessions = Sessions(store, kept_seconds=60)
    await start(sessions)
    failing = store.deaf = 3
    async with Scene(sessions=sessions).play() as scene:
        await scene.greeted()
        await asyncio.sleep(failing * RETRY_SECONDS)
        [left] = await Sessions(store, kept_seconds=60).left_over()
    assert left.standing == "listening"
    assert await Sessions(store, kept_seconds=60).left_over() == ()


@pytest.mark.virtual_time
async def test_a_call_that_ended_while_the_store_slept_is_not_left_over_for_long() -> None:
    store = Sleepy(lambda: 0.0)
    sessions = Sessions(store, kept_seconds=60)
    await start(sessions)
    session = Session("first", "+1555", "clinic", "en-US")
    sessions.begin("first")
    await sessions.save(session)
    store.deaf = 1
    await sessions.end("first")
    sessions.begin("second")
    second = replace(session, call_id="second")
    await sessions.save(second)
    assert await Sessions(store, kept_seconds=60).left_over() == (second,)
