"""What a recogniser writes, as words: lower case, without punctuation. Pure."""

import re
from collections.abc import Collection

_NOT_A_WORD = re.compile(r"[^\w\s'’-]|_")
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Thai, Lao, Burmese, Khmer, kana and ideographs: written without spaces."""
_SIGN = re.compile(f"[{_UNSPACED}]")
_RUN = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")


def words(text: str) -> frozenset[str]:
    """The words of `text`, split at white space."""
    return frozenset(text.split())


def plain_words(text: str) -> tuple[str, ...]:
    """The words of `text`; each sign of a script without spaces is one."""
    plain = _NOT_A_WORD.sub(" ", text.lower().replace("’", "'"))
    if not plain.isascii():
        plain = _SIGN.sub(r" \g<0> ", plain)
    return tuple(word for each in plain.split() if (word := each.strip("-'")))


def is_letter(word: str) -> bool:
    """Whether `word` is one letter of an alphabet."""
    return len(word) == 1 and not _SIGN.match(word)


class Segmenter:
    """Cuts text without spaces into the `known` words, the longest first, from the end; what
    stands between them counts as one word."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = frozenset(word for word in known if _SIGN.match(word))
        self._longest = max(map(len, self._known))

    def __call__(self, text: str) -> tuple[str, ...]:
        """The words of `text`, those with spaces between them as they are."""
        found: list[str] = []
        for part in _NOT_A_WORD.sub(" ", text.lower()).split():
            for run in _RUN.findall(part):
                found += self._cut(run) if _SIGN.match(run) else plain_words(run)
        return tuple(found)

    def _cut(self, run: str) -> list[str]:
        backwards: list[str] = []
        unknown = end = len(run)
        while end:
            start = self._start(run, end)
            if start is None:
                end -= 1
                continue
            if end < unknown:
                backwards.append(run[end:unknown])
            backwards.append(run[start:end])
            unknown = end = start
        if unknown:
            backwards.append(run[:unknown])
        return backwards[::-1]

    def _start(self, run: str, end: int) -> int | None:
        """Where the longest known word that ends at `end` begins."""
        for start in range(max(0, end - self._longest), end):
            if run[start:end] in self._known:
                return start
        return None
