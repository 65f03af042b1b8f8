"""Secrets a caller keys (a PIN, a card) are used, and then not to be found anywhere. Pure."""

import re
from collections.abc import Mapping, Sequence

from gateway.providers.base import Json

DOT = "•"
_ASKS_FOR_A_SECRET = re.compile(
    r"\b(?:pins?|password|passcode|card number|credit card|debit card|security code|cvv|cvc|"
    r"social security|geheimzahl|kartennummer|contraseña|tarjeta|mot de passe|code secret)\b|"
    r"密码|密碼|卡号|卡號",
    re.IGNORECASE,
)


def asks_for_secret(text: str) -> bool:
    """Whether the agent's words ask for something that is to be masked."""
    return bool(_ASKS_FOR_A_SECRET.search(text))


class Mask:
    """The secrets of one call; `hide` replaces them in any text that is kept."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def __repr__(self) -> str:
        return f"<Mask of {len(self._secrets)} secrets>"

    def learn(self, secret: str) -> None:
        if secret:
            self._secrets.add(secret)

    def hide(self, text: str) -> str:
        """`text` with every secret as dots."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, DOT * len(secret))
        return text

    def hide_in(self, kept: Json) -> Json:
        """The same for every text in a JSON value."""
        match kept:
            case str():
                return self.hide(kept)
            case Mapping():
                return {key: self.hide_in(value) for key, value in kept.items()}
            case Sequence():
                return [self.hide_in(value) for value in kept]
            case _:
                return kept
