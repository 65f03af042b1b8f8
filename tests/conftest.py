"""What all tests share: how long hypothesis searches."""

import hypothesis

# `pytest --hypothesis-profile=day tests/gateway/conversation/test_random_callers.py`
hypothesis.settings.register_profile("day", max_examples=6000)
