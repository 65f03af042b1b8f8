"""Digits a caller keys, as one input. Pure."""

MOST_DIGITS = 40


class KeyEntry:
    """Collects digits until the terminator, or until nothing more comes."""

    def __init__(self, terminator: str = "#") -> None:
        self._terminator = terminator
        self._digits = ""

    def __repr__(self) -> str:
        return f"<KeyEntry of {len(self._digits)} digits>"

    def press(self, digit: str) -> bool:
        """Take a key; True if it ends the entry."""
        if digit == self._terminator:
            return True
        self._digits += digit
        return len(self._digits) >= MOST_DIGITS

    def take(self) -> str:
        """What was keyed; the entry is empty afterwards."""
        digits, self._digits = self._digits, ""
        return digits
