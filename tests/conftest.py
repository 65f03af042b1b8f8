"""What all tests share: the choice of the event loop, and of how long hypothesis searches."""

import asyncio
from collections.abc import Callable, Mapping

import hypothesis
import pytest

from tests.virtual_time import VirtualTimeLoop

# `pytest --hypothesis-profile=day tests/gateway/conversation/test_random_callers.py`
hypothesis.settings.register_profile("day", max_examples=6000)


@pytest.hookimpl
def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.get_closest_marker("virtual_time"):
        return {"virtual time": VirtualTimeLoop}
    return {"real time": asyncio.new_event_loop}
