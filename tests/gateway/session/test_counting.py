"""What a call that is over tells the metrics."""

from gateway.conversation.record import CallerTurn
from gateway.metrics import Metrics
from gateway.session.counting import count
from tests.gateway.session.test_callfile import call_file


def test_turns_that_were_cut_off_are_told_from_the_others() -> None:
    file, metrics = call_file(1), Metrics()
    file.record.add(CallerTurn("I have a question", 1.0, 2.0, 2.5))
    file.record.add(CallerTurn("about my bill", 3.0, 4.0, 4.5, goes_on=True))
    file.record.add(CallerTurn("When are you open?", 8.0, 9.0, 9.5))
    count(file, metrics)
    counted = metrics.registry.get_sample_value
    assert counted("voice_gateway_caller_turns_total", {"kind": "new"}) == 2
    assert counted("voice_gateway_caller_turns_total", {"kind": "rest"}) == 1
