"""What a gateway wrote of its calls, as the benchmarks read it."""

from collections.abc import Iterator, Mapping, Sequence

from gateway.providers.base import Json

Record = Mapping[str, Json]


def turns(record: Record) -> Iterator[Mapping[str, Json]]:
    """All entries of a call's record, in order."""
    found = _conversation(record)["turns"]
    assert isinstance(found, Sequence)
    for turn in found:
        assert isinstance(turn, Mapping)
        yield turn


def answers(record: Record) -> Iterator[Mapping[str, Json]]:
    """The agent's answers of which anything was to be said."""
    for turn in turns(record):
        if turn.get("kind") == "answer" and turn["said"]:
            yield turn


def said_by_callers(records: Sequence[Record]) -> set[str]:
    """What the gateway took for turns of its callers."""
    return {
        str(turn["text"])
        for record in records
        for turn in turns(record)
        if turn["who"] == "caller" and "votes" in turn
    }


def thrown_away(records: Sequence[Record]) -> int:
    """Answers prepared early and never said."""
    thrown = [_conversation(record)["thrown_away"] for record in records]
    counts = [each["answers"] for each in thrown if isinstance(each, Mapping)]
    return sum(count for count in counts if isinstance(count, int))


def _conversation(record: Record) -> Mapping[str, Json]:
    conversation = record["conversation"]
    assert isinstance(conversation, Mapping)
    return conversation
