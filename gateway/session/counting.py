"""What a call tells the metrics: its requests as they end, the rest when it is over."""

from dataclasses import dataclass

from gateway.call.requests import CallRequest, RequestOutcome, ends_conversation
from gateway.conversation.asking import CallControl
from gateway.conversation.record import AgentTurn, CallerTurn, LanguageChange, Sound, Transfer
from gateway.metrics import Metrics
from gateway.session.callfile import CallFile


def count(file: CallFile, metrics: Metrics) -> None:
    """A call is over."""
    if file.media is not None:
        metrics.leg_closed(file.media)
    if (seconds := file.setup_seconds) is not None:
        metrics.setup_seconds.observe(seconds)
    if file.bill is not None:
        metrics.call_cost.observe(float(file.bill.total))
    metrics.interruptions.inc(file.record.interruptions)
    for turn in file.record.entries:
        match turn:
            case AgentTurn():
                _count_turn(turn, metrics)
            case CallerTurn(goes_on=goes_on):
                metrics.caller_turns.labels("rest" if goes_on else "new").inc()
            case Sound() | Transfer() | LanguageChange():
                pass
    metrics.early_answers.labels("thrown_away").inc(file.record.thrown_away.answers)


def _count_turn(turn: AgentTurn, metrics: Metrics) -> None:
    for tool in turn.tools:
        metrics.tools.labels(tool.name).inc()
    if turn.answer_ms is not None:
        metrics.answer_seconds.observe(turn.answer_ms / 1000)
    if turn.early_saved_ms is not None:
        metrics.early_answers.labels("used").inc()
        metrics.early_saved_seconds.observe(turn.early_saved_ms / 1000)


@dataclass(frozen=True, slots=True)
class Counted:
    """A call's control, with each request's outcome counted."""

    control: CallControl
    metrics: Metrics

    async def request(self, request: CallRequest) -> RequestOutcome:
        outcome = await self.control.request(request)
        if ends_conversation(request):
            self.metrics.transfers.labels(outcome.value).inc()
        return outcome
