"""An AI voice gateway for Asterisk."""

import os

__version__ = "0.1.0"

# onnxruntime (since 1.29, also on Linux) keeps a database of what it did and reports to its maker,
# unless it finds this when it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # noqa: TID251
