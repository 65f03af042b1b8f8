"""A slice of `make bench-chaos`: providers fail in mid-call, and no caller is left in silence."""

from pathlib import Path

from gateway.lab.asterisk import PrivateAsterisk
from tests.benchmarks.chaos import Outcome, scenarios, scene

WANTED = ("stt lies in the middle", "all tts killed")
CALLS = 2


async def test_whatever_fails_callers_hear_an_answer_an_apology_or_a_person(
    asterisk: PrivateAsterisk, tmp_path: Path
) -> None:
    async with scene(asterisk, tmp_path) as chaos:
        for scenario in scenarios():
            if scenario.name in WANTED:
                await chaos.play(scenario, CALLS)
        results = {each.scenario.name: each for each in await chaos.judged()}
    assert set(results) == set(WANTED)
    for result in results.values():
        assert len(result.calls) == CALLS
        assert Outcome.NOTHING not in result.outcomes.values()
    assert set(results["all tts killed"].outcomes.values()) == {Outcome.APOLOGY}
