"""The caller's turns that are keyed: digits become an input of their own, or join spoken words."""

from gateway.conversation.happenings import KeysOver, Timed
from gateway.conversation.initiative import Initiative
from gateway.conversation.keypad import Keypad
from gateway.conversation.record import CallerTurn, Stages
from gateway.conversation.replies import Replies
from gateway.conversation.standing import Standing
from gateway.conversation.timers import Timers
from gateway.conversation.turn import TurnMachine


class KeyedTurns:
    """Waits for the rest of an entry, and replies to it when it is complete."""

    def __init__(
        self,
        standing: Standing,
        initiative: Initiative,
        replies: Replies,
        machine: TurnMachine,
        timers: Timers[Timed],
    ) -> None:
        self._standing = standing
        self._initiative = initiative
        self._replies = replies
        self._machine = machine
        self._timers = timers
        profile = standing.facts.profile
        secret = [slot.ask for i in profile.intents for slot in i.slots if slot.secret]
        self._keypad = Keypad(profile.keys, secret, standing.means.record.mask)

    def __repr__(self) -> str:
        return f"<KeyedTurns {self._keypad}>"

    def agent_says(self, text: str) -> None:
        """The agent's words so far: they may ask for a secret."""
        self._keypad.agent_says(text)

    async def press(self, digit: str) -> None:
        """The caller pressed a key."""
        self._initiative.caller_is_there()
        if self._standing.keys_cut:
            await self._initiative.interrupted()
        if self._keypad.press(digit, self._standing.means.now()):
            await self.over()
        else:
            self._await_more()

    async def over(self) -> None:
        """The entry is complete; while the caller also speaks it waits for the words, and for
        whatever keys must not cut."""
        self._timers.stop(KeysOver)
        floor = self._standing.floor
        if self._machine.open or not (self._standing.keys_cut or floor.act is None):
            self._await_more()
            return
        if digits := self._keypad.take():
            await floor.stop()
            record, now = self._standing.means.record, self._standing.means.now()
            record.add(CallerTurn(record.mask.hide(digits), now, now, now, keyed=True))
            self._replies.reply(digits, Stages(decided=now))
        else:
            self._initiative.await_input()

    def join(self, text: str, began: float) -> str:
        """What the caller said from `began` on, with what was keyed: no more keys are awaited."""
        self._timers.stop(KeysOver)
        return self._keypad.take_with(text, began)

    def _await_more(self) -> None:
        self._timers.start(KeysOver(), self._standing.facts.profile.keys.inter_digit_seconds)
