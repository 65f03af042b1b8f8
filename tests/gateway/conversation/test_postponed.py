"""What is said to an agent nobody can interrupt waits, as one turn."""

from gateway.conversation.postponed import Postponed
from gateway.conversation.turn import TurnOver


def turn(text: str, began: float, ended: float) -> TurnOver:
    return TurnOver(text, covered=True, began=began, ended=ended, decided=ended + 0.5, votes=())


def test_one_turn_waits_until_it_is_taken() -> None:
    postponed, said = Postponed(), turn("When are you open?", 1.0, 2.5)
    assert postponed.add(said)
    assert postponed.take() == said
    assert postponed.take() is None


def test_what_is_said_after_it_becomes_part_of_it() -> None:
    postponed = Postponed()
    postponed.add(turn("When are you open?", 1.0, 2.5))
    assert postponed.add(turn("Okay.", 4.0, 4.3)), "with a turn that waits nothing is a mere sign"
    assert postponed.take() == turn("When are you open? Okay.", 1.0, 4.3)


def test_a_sign_of_listening_does_not_wait() -> None:
    postponed = Postponed()
    assert not postponed.add(turn("Okay.", 1.0, 1.3))
    assert postponed.take() is None


def test_a_turn_is_told_to_go_on_once() -> None:
    postponed = Postponed()
    assert not postponed.held
    postponed.add(turn("When are you open?", 1.0, 2.5))
    assert postponed.held
    postponed.release()
    assert not postponed.held
    postponed.hold()
    assert postponed.held
    postponed.take()
    assert not postponed.held
