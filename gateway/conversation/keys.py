"""Digits a caller keys, as one input, alone or among spoken words. Pure."""

MOST_DIGITS = 40


class KeyEntry:
    """Collects digits until the terminator, or until nothing more comes."""

    def __init__(self, terminator: str = "#") -> None:
        self._terminator = terminator
        self.digits = ""
        """What was keyed so far."""
        self._began = 0.0

    def __repr__(self) -> str:
        return f"<KeyEntry of {len(self.digits)} digits>"

    def press(self, digit: str, time: float) -> bool:
        """Take a key pressed at `time`; True if it ends the entry."""
        if digit == self._terminator:
            return True
        if not self.digits:
            self._began = time
        self.digits += digit
        return len(self.digits) >= MOST_DIGITS

    def take(self) -> str:
        """What was keyed; the entry is empty afterwards."""
        digits, self.digits = self.digits, ""
        return digits

    def take_with(self, text: str, began: float) -> str:
        """What was keyed and `text`, said from `began` on, as one input in the order of time."""
        keyed_first = self._began < began
        keyed = self.take()
        return (f"{keyed} {text}" if keyed_first else f"{text} {keyed}").strip()
