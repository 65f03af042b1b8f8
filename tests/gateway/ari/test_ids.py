"""Chosen ids: one length, told apart, taken apart again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ari.ids import ResourceId, Role, new_call_id

CALLS = st.text("0123456789abcdef", min_size=12, max_size=12)
IDS = st.builds(ResourceId, CALLS, st.sampled_from(Role), st.integers(1, 99))


def test_an_id_reads_well() -> None:
    assert str(ResourceId("5f3c0a9b1e77", Role.MEDIA)) == "vg-5f3c0a9b1e77-media_-01"
    assert str(ResourceId("5f3c0a9b1e77", Role.PERSON, 12)) == "vg-5f3c0a9b1e77-person-12"


@given(IDS, IDS)
def test_no_id_is_a_prefix_of_another(one: ResourceId, other: ResourceId) -> None:
    assert len(str(one)) == len(str(other))
    assert (str(one) == str(other)) == (one == other)


@given(IDS)
def test_an_id_is_taken_apart_again(one: ResourceId) -> None:
    assert ResourceId.parse(str(one)) == one


@given(st.text())
def test_other_ids_are_not_ours(text: str) -> None:
    parsed = ResourceId.parse(text)
    assert parsed is None or str(parsed) == text


@pytest.mark.parametrize(
    "text",
    [
        "1795362531.2",
        "vg-5f3c0a9b1e77-media-01",
        "vg-5f3c0a9b1e77-medium-01",
        "vg-5f3c0a9b1e77-media_-00",
        "vg-5F3C0A9B1E77-media_-01",
        "vg-5f3c0a9b1e77-media_-01\n",
        "vg-5f3c0a9b1e77-media_-1",
        "vg-5f3c0a9b1e77-person_-01",
        "vg-5f3c0a9b1e77-media_-\u0660\u0661",
    ],
)
def test_what_only_looks_like_ours_is_not(text: str) -> None:
    assert ResourceId.parse(text) is None


@pytest.mark.parametrize(
    ("call", "ordinal"), [("abc", 1), ("5f3c0a9b1e77", 0), ("5f3c0a9b1e77", 100)]
)
def test_no_id_that_could_not_be_read_back_is_made(call: str, ordinal: int) -> None:
    with pytest.raises(ValueError, match="no resource id"):
        ResourceId(call, Role.BRIDGE, ordinal)


def test_calls_get_different_names() -> None:
    assert len({new_call_id() for _ in range(100)}) == 100
    assert new_call_id(lambda size: "ab" * size) == "abababababab"
