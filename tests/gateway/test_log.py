"""The log's two forms, and what never appears in either."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from gateway.config import LogFormat, Logging, LogLevel
from gateway.log import PERSONAL, configure


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(form: LogFormat, level: LogLevel = LogLevel.INFO) -> io.StringIO:
    stream = io.StringIO()
    configure(Logging(format=form, level=level), stream)
    return stream


FORMS = pytest.mark.parametrize("form", [LogFormat.JSON, LogFormat.CONSOLE])


def test_machines_get_a_json_object_per_line() -> None:
    stream = logged(LogFormat.JSON)
    structlog.get_logger().info("call_started", call="c-1")
    event = json.loads(stream.getvalue())
    assert event["event"] == "call_started"
    assert event["call"] == "c-1"
    assert event["level"] == "info"
    assert event["timestamp"].endswith("Z")


def test_what_is_not_a_terminal_is_a_machine() -> None:
    stream = logged(LogFormat.AUTO)
    structlog.get_logger().info("call_started")
    assert json.loads(stream.getvalue())["event"] == "call_started"


def test_people_get_a_line() -> None:
    stream = logged(LogFormat.CONSOLE)
    structlog.get_logger().info("call_started", call="c-1")
    assert "call_started" in stream.getvalue()
    assert "call=c-1" in stream.getvalue()


@FORMS
def test_libraries_come_out_the_same_way(form: LogFormat) -> None:
    stream = logged(form)
    logging.getLogger("redis").warning("connection lost to %s", "store")
    assert stream.getvalue().count("connection lost to store") == 1


@FORMS
def test_lesser_levels_are_silent(form: LogFormat) -> None:
    stream = logged(form, LogLevel.WARNING)
    structlog.get_logger().info("call_started")
    logging.getLogger("redis").info("connected")
    assert stream.getvalue() == ""


@FORMS
@pytest.mark.parametrize("field", sorted(PERSONAL))
def test_what_callers_say_never_appears(form: LogFormat, field: str) -> None:
    stream = logged(form)
    structlog.get_logger().info("turn_over", **{field: "my pin is 4711"})
    logging.getLogger("redis").warning("stored", extra={field: "my pin is 4711"})
    assert "turn_over" in stream.getvalue()
    assert "4711" not in stream.getvalue()


@FORMS
def test_tracebacks_hold_no_local_variables(form: LogFormat) -> None:
    stream = logged(form)
    password = "".join(["hunter", "2"])
    try:
        int(f"{len(password)} apples")
    except ValueError:
        structlog.get_logger().exception("call_crashed")
    assert "ValueError" in stream.getvalue()
    assert "test_log" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()


def test_a_call_s_fields_can_be_bound_once() -> None:
    stream = logged(LogFormat.JSON)
    with structlog.contextvars.bound_contextvars(call="c-7"):
        structlog.get_logger().info("greeted")
    assert json.loads(stream.getvalue())["call"] == "c-7"
