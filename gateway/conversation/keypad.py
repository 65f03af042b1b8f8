"""One caller's digits, keyed and said: joined into one input, and masked where they are secret.

Pure.
"""

from collections.abc import Collection

from gateway.conversation.keys import KeyEntry
from gateway.conversation.masking import Mask, asks_for_secret, digit_rows
from gateway.profile import Keys


class Keypad:
    """`mask` learns what was given as a secret: after the agent's words asked for one
    (`secret_questions` are those that do so without saying "PIN"), until digits came."""

    def __init__(self, keys: Keys, secret_questions: Collection[str], mask: Mask) -> None:
        self._entry = KeyEntry(keys.terminator)
        self._secret_questions = tuple(secret_questions)
        self._mask = mask
        self._secret = False

    def __repr__(self) -> str:
        return f"<Keypad {self._entry}>"

    def agent_says(self, text: str) -> None:
        """The agent's words so far."""
        if asks_for_secret(text) or any(question in text for question in self._secret_questions):
            self._secret = True

    def press(self, digit: str, time: float) -> bool:
        """Take a key pressed at `time`; True if it ends the entry."""
        return self._entry.press(digit, time)

    def take(self) -> str:
        """The entry, which is empty afterwards."""
        digits = self._entry.take()
        self._keep_secret(digits, "")
        return digits

    def take_with(self, text: str, began: float) -> str:
        """What the caller said from `began` on and what was keyed, as one input."""
        keyed, whole = self._entry.digits, self._entry.take_with(text, began)
        self._keep_secret(keyed, text)
        return whole

    def _keep_secret(self, keyed: str, said: str) -> None:
        if not self._secret:
            return
        self._mask.learn(keyed)
        self._mask.learn_spoken(said)
        if keyed or any(digit_rows(said)):
            self._secret = False
