"""Who is asked first, and why."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.kinds import Rule
from gateway.providers.resilience.routing import Standing, order

QUICK = Standing("quick", embedded=False, serves=True, seconds=0.3, cost=5.0)
SLOW = Standing("slow", embedded=False, serves=True, seconds=0.9, cost=1.0)
NEW = Standing("new", embedded=False, serves=True)
LOCAL = Standing("local", embedded=True, serves=True, seconds=0.02)


def names(standings: list[Standing], *rules: Rule, **facts: float) -> list[str]:
    return [choice.name for choice in order(standings, rules, **facts)]  # type: ignore[arg-type]


def test_without_rules_the_list_is_the_order() -> None:
    assert names([SLOW, QUICK, LOCAL]) == ["slow", "quick", "local"]


def test_the_quicker_goes_first_and_the_embedded_one_keeps_its_place() -> None:
    assert names([SLOW, LOCAL, QUICK], Rule.LATENCY) == ["quick", "local", "slow"]
    (first, *_) = order([SLOW, QUICK], [Rule.LATENCY])
    assert first.because == "quicker: 0.30 s, slow 0.90 s"


def test_a_little_quicker_is_not_quicker_and_what_is_unknown_stays() -> None:
    almost = Standing("almost", embedded=False, serves=True, seconds=0.8)
    assert names([SLOW, almost], Rule.LATENCY) == ["slow", "almost"]
    assert names([NEW, QUICK], Rule.LATENCY) == ["new", "quick"]


def test_the_cheaper_goes_first() -> None:
    assert names([QUICK, SLOW], Rule.COST) == ["slow", "quick"]


def test_the_first_rule_counts_most() -> None:
    assert names([SLOW, QUICK], Rule.LATENCY, Rule.COST) == ["quick", "slow"]
    assert names([SLOW, QUICK], Rule.COST, Rule.LATENCY) == ["slow", "quick"]


def test_an_easy_turn_is_answered_here() -> None:
    assert names([SLOW, LOCAL], Rule.EASY_LOCAL, easy=0.8) == ["local", "slow"]
    assert names([SLOW, LOCAL], Rule.EASY_LOCAL, easy=0.5) == ["slow", "local"]
    assert names([SLOW, LOCAL], easy=0.8) == ["slow", "local"]


def test_a_call_that_has_to_be_cheap_is() -> None:
    assert names([QUICK, NEW, SLOW, LOCAL], thrifty=True) == ["local", "slow", "quick", "new"]


def test_who_does_not_serve_the_language_comes_last() -> None:
    english = Standing("local", embedded=True, serves=False)
    assert names([english, SLOW], Rule.EASY_LOCAL, easy=1.0) == ["slow", "local"]


@given(
    standings=st.lists(
        st.builds(
            Standing,
            st.sampled_from("abcdef"),
            st.booleans(),
            st.booleans(),
            st.none() | st.floats(0.01, 5.0),
            st.none() | st.floats(0.0, 9.0),
        ),
        min_size=1,
        max_size=6,
    ),
    rules=st.lists(st.sampled_from(Rule), unique=True),
    easy=st.floats(0.0, 1.0),
    thrifty=st.booleans(),
)
def test_nobody_is_lost_or_named_twice(
    standings: list[Standing], rules: list[Rule], easy: float, *, thrifty: bool
) -> None:
    choices = order(standings, rules, easy=easy, thrifty=thrifty)
    assert sorted(choice.index for choice in choices) == list(range(len(standings)))
    assert all(standings[choice.index].name == choice.name for choice in choices)
