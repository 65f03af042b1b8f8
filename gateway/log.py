"""What the gateway logs, and how: events with fields, on one stream, without what callers say.

Modules log with `structlog.get_logger()` and event names in `snake_case`; libraries that use the
standard logging come out the same way. Caller's words, digits and audio are personal data: the
names in PERSONAL never reach the log, whoever passes them. Tracebacks hold no local variables,
since those may be words or keys.
"""

import logging
from typing import TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from gateway.config import LogFormat, Logging

PERSONAL = frozenset(
    {"answer", "audio", "caller_number", "digits", "said", "summary", "text", "transcript", "words"}
)
WITHHELD = "<withheld>"

_QUIET = ("aiohttp.access", "asyncio", "httpx2")


def configure(settings: Logging, stream: TextIO) -> None:
    """Send all logs of the process to `stream`, from now on. May be called again."""
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(settings.level.value),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(settings.format, stream),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.level.value.upper(), force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def withhold_personal(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put WITHHELD in place of every field named in PERSONAL."""
    for name in PERSONAL & event.keys():
        event[name] = WITHHELD
    return event


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        withhold_personal,
    ]


def _rendering(form: LogFormat, stream: TextIO) -> list[Processor]:
    for_people = form is LogFormat.CONSOLE or (form is LogFormat.AUTO and stream.isatty())
    if for_people:
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain)]
    return [
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        structlog.processors.JSONRenderer(),
    ]
