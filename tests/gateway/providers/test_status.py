"""When a provider that has had too much may be asked again (RFC 9110 §10.2.3)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ProviderRateLimited
from gateway.providers.status import error_of, retry_after

NOW = datetime(1994, 11, 6, 8, 49, 7, tzinfo=UTC)


def seconds(value: str) -> float | None:
    return retry_after({"retry-after": value}, NOW)


@pytest.mark.parametrize(("value", "meant"), [("0", 0.0), ("120", 120.0), ("0.25", 0.25)])
def test_a_number_is_seconds(value: str, meant: float) -> None:
    assert seconds(value) == meant


@pytest.mark.parametrize(
    "value",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 10:49:37 +0200",
    ],
)
def test_a_date_is_so_far_away(value: str) -> None:
    assert seconds(value) == 30.0


def test_a_date_in_the_past_is_now() -> None:
    assert seconds("Sun, 06 Nov 1994 08:49:06 GMT") == 0.0


def test_a_date_is_one_of_the_vendors_clock() -> None:
    headers = {
        "retry-after": "Mon, 07 Nov 1994 12:00:05 GMT",
        "date": "Mon, 07 Nov 1994 12:00:00 GMT",
    }
    error = error_of("someone", 429, headers)
    assert isinstance(error, ProviderRateLimited)
    assert retry_after(headers, NOW) == error.retry_after == 5.0


@pytest.mark.parametrize(
    "value",
    ["-1", "1e3", "1.", "²", "inf", "soon", "Fri, 31 Feb 1995 08:00:00 GMT", "Sun, 06 Nov 1994"],
)
def test_nonsense_is_no_time(value: str) -> None:
    assert seconds(value) is None


@given(st.text() | st.from_regex(r"\w{3}, \d{1,3} \w{3} \d{1,9} \d+:\d+:\d+ [+-]?\w*"))
def test_whatever_a_vendor_writes_is_a_time_or_none(value: str) -> None:
    found = seconds(value)
    assert found is None or found >= 0.0
