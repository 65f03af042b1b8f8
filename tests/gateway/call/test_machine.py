"""The call machine: scripts that read as calls, and hypothesis over every order of events."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call.commands import (
    AddChannels,
    Answer,
    ChooseAgent,
    Command,
    Continue,
    CreateBridge,
    CreateMedia,
    Dial,
    HangUpChannel,
    OpenLeg,
    Release,
    Report,
    SendDtmf,
    SetUp,
    StartConversation,
    Step,
    StopConversation,
)
from gateway.call.events import (
    Arrived,
    Bridged,
    CallerGone,
    CallEvent,
    CommandFailed,
    ConversationEnd,
    ConversationOver,
    DialExpired,
    DigitsSent,
    Evicted,
    MediaCreated,
    MediaGone,
    MediaReady,
    PersonAnswered,
    PersonGone,
    PersonJoined,
    Requested,
)
from gateway.call.ids import CallIds
from gateway.call.machine import CallMachine, CallState
from gateway.call.requests import (
    CallRequest,
    HangUp,
    LeaveToFallback,
    RequestOutcome,
    SendDigits,
    TransferToExtension,
    TransferToPerson,
)

IDS = CallIds("0123456789ab", "1700000000.1")
ASTERISK = ("127.0.0.1", 24224)
ANNA = TransferToPerson("front desk", "PJSIP/1001", 20.0, "wants an appointment")
SET_UP: tuple[CallEvent, ...] = (Arrived(), MediaCreated(ASTERISK), MediaReady(), Bridged())


def talking() -> CallMachine:
    call = CallMachine(IDS)
    for event in SET_UP:
        call.handle(event)
    return call


def dialing() -> CallMachine:
    call = talking()
    call.handle(Requested(ANNA))
    return call


def connected() -> CallMachine:
    call = dialing()
    call.handle(PersonAnswered(IDS.person(1)))
    call.handle(PersonJoined(IDS.person(1)))
    return call


def test_a_call_is_answered_bridged_and_greeted() -> None:
    call = CallMachine(IDS)
    steps = ChooseAgent(), Answer(IDS.caller), CreateMedia(IDS.media), CreateBridge(IDS.bridge)
    assert call.handle(Arrived()) == (SetUp(steps),)
    assert call.handle(MediaCreated(ASTERISK)) == (OpenLeg(ASTERISK),)
    assert call.handle(MediaReady()) == (AddChannels(IDS.bridge, (IDS.caller, IDS.media)),)
    assert call.handle(Bridged()) == (StartConversation(),)
    assert call.state is CallState.TALKING


def test_digits_are_sent_to_the_caller_and_the_agent_stays() -> None:
    call = talking()
    assert call.handle(Requested(SendDigits("42#", 80, 60))) == (
        SendDtmf(IDS.caller, "42#", 80, 60),
    )
    assert call.handle(DigitsSent()) == (Report(RequestOutcome.DONE),)
    assert call.state is CallState.TALKING


def test_digits_that_asterisk_refuses_are_told() -> None:
    call = talking()
    [sending] = call.handle(Requested(SendDigits("42#")))
    assert call.handle(CommandFailed(sending)) == (Report(RequestOutcome.FAILED),)
    assert call.state is CallState.TALKING


def test_the_media_channel_may_enter_stasis_before_its_creation_is_answered() -> None:
    call = CallMachine(IDS)
    call.handle(Arrived())
    assert call.handle(MediaReady()) == ()
    assert call.handle(MediaCreated(ASTERISK)) == (
        OpenLeg(ASTERISK),
        AddChannels(IDS.bridge, (IDS.caller, IDS.media)),
    )


def test_a_caller_who_hangs_up_early_is_released_once() -> None:
    call = CallMachine(IDS)
    call.handle(Arrived())
    assert call.handle(CallerGone()) == (Release((IDS.media,), IDS.bridge, "caller hung up"),)
    assert call.handle(CallerGone()) == ()
    assert call.handle(MediaCreated(ASTERISK)) == ()


def test_a_person_is_dialled_joined_and_left_alone_with_the_caller() -> None:
    call = talking()
    person = IDS.person(1)
    assert call.handle(Requested(ANNA)) == (
        Dial(person, IDS.caller, "PJSIP/1001", 20.0, ANNA.summary),
    )
    assert call.handle(PersonAnswered(person)) == (AddChannels(IDS.bridge, (person,)),)
    assert call.handle(PersonJoined(person)) == (
        Report(RequestOutcome.DONE),
        StopConversation(),
        HangUpChannel(IDS.media),
    )
    assert call.handle(MediaGone()) == ()
    assert call.handle(PersonGone(person, RequestOutcome.DONE)) == (
        Release((IDS.caller,), IDS.bridge, "person hung up"),
    )


def test_a_busy_person_brings_the_agent_back_and_the_next_dial_has_a_new_id() -> None:
    call = dialing()
    assert call.handle(PersonGone(IDS.person(1), RequestOutcome.BUSY)) == (
        Report(RequestOutcome.BUSY),
    )
    assert call.state is CallState.TALKING
    assert call.handle(Requested(ANNA)) == (
        Dial(IDS.person(2), IDS.caller, "PJSIP/1001", 20.0, ANNA.summary),
    )
    assert call.handle(PersonGone(IDS.person(1), RequestOutcome.BUSY)) == ()


def test_a_dial_that_failed_is_hung_up_too_because_asterisk_may_have_made_it() -> None:
    call = dialing()
    failed = CommandFailed(Dial(IDS.person(1), IDS.caller, "PJSIP/1001", 20.0, ANNA.summary))
    assert call.handle(failed) == (
        HangUpChannel(IDS.person(1)),
        Report(RequestOutcome.UNREACHABLE),
    )


def test_a_dial_that_never_ends_is_given_up_but_a_connected_one_is_left_alone() -> None:
    assert dialing().handle(DialExpired(IDS.person(1))) == (
        HangUpChannel(IDS.person(1)),
        Report(RequestOutcome.NO_ANSWER),
    )
    assert connected().handle(DialExpired(IDS.person(1))) == ()


def test_a_caller_who_hangs_up_while_it_rings_stops_the_ringing() -> None:
    assert dialing().handle(CallerGone()) == (
        Report(RequestOutcome.CALL_ENDED),
        Release((IDS.person(1), IDS.media), IDS.bridge, "caller hung up"),
    )


def test_a_caller_who_leaves_a_connected_call_hangs_up_the_person() -> None:
    assert connected().handle(CallerGone()) == (
        Release((IDS.person(1),), IDS.bridge, "caller hung up"),
    )


def test_a_blind_transfer_leaves_by_the_dialplan() -> None:
    call = talking()
    assert call.handle(Requested(TransferToExtension("billing", "from-internal", "200"))) == (
        Continue(IDS.caller, "transferred", "from-internal", "200", 1),
        Report(RequestOutcome.DONE),
    )
    assert call.handle(CallerGone()) == (Release((IDS.media,), IDS.bridge, "caller hung up"),)


def test_an_agent_that_hangs_up_takes_the_caller_along() -> None:
    assert talking().handle(Requested(HangUp())) == (
        Report(RequestOutcome.DONE),
        Release((IDS.caller, IDS.media), IDS.bridge, "agent hung up"),
    )


def test_a_crashed_conversation_hands_the_caller_to_the_fallback() -> None:
    assert talking().handle(ConversationOver(ConversationEnd.FAILED)) == (
        Continue(IDS.caller, "conversation failed"),
    )
    assert dialing().handle(ConversationOver(ConversationEnd.FAILED)) == (
        HangUpChannel(IDS.person(1)),
        Report(RequestOutcome.CALL_ENDED),
        Continue(IDS.caller, "conversation failed"),
    )


def test_a_failed_set_up_hands_the_caller_to_the_fallback_and_then_hangs_up_if_that_fails() -> None:
    call = CallMachine(IDS)
    call.handle(Arrived())
    leave = Continue(IDS.caller, "set-up failed")
    assert call.handle(CommandFailed(CreateMedia(IDS.media))) == (leave,)
    assert call.handle(CommandFailed(CreateBridge(IDS.bridge))) == ()
    assert call.handle(CommandFailed(leave)) == (
        Release((IDS.caller, IDS.media), IDS.bridge, "could not leave"),
    )


def test_a_caller_for_whom_there_is_no_agent_goes_on_in_the_dialplan() -> None:
    call = CallMachine(IDS)
    call.handle(Arrived())
    assert call.handle(CommandFailed(ChooseAgent())) == (Continue(IDS.caller, "set-up failed"),)
    assert call.handle(MediaCreated(ASTERISK)) == ()


def test_an_evicted_call_goes_to_the_fallback_but_two_people_are_left_talking() -> None:
    assert talking().handle(Evicted("draining")) == (
        StopConversation(),
        Continue(IDS.caller, "draining"),
    )
    assert connected().handle(Evicted("draining")) == ()


def test_an_adopted_call_is_released_like_any_other() -> None:
    call = CallMachine.adopted(IDS, IDS.person(3))
    assert call.handle(CallerGone()) == (Release((IDS.person(3),), IDS.bridge, "caller hung up"),)


PERSONS = st.sampled_from([IDS.person(1), IDS.person(2), IDS.person(3)])
FAILABLE: st.SearchStrategy[Command] = st.sampled_from(
    [
        ChooseAgent(),
        Answer(IDS.caller),
        CreateMedia(IDS.media),
        CreateBridge(IDS.bridge),
        OpenLeg(ASTERISK),
        AddChannels(IDS.bridge, (IDS.caller, IDS.media)),
        AddChannels(IDS.bridge, (IDS.person(1),)),
        Dial(IDS.person(1), IDS.caller, "PJSIP/1001", 20.0, ""),
        HangUpChannel(IDS.media),
        Continue(IDS.caller, "draining"),
        SendDtmf(IDS.caller, "42#", 100, 100),
    ]
)
REQUESTS: st.SearchStrategy[CallRequest] = st.sampled_from(
    [
        ANNA,
        HangUp(),
        LeaveToFallback("apology"),
        TransferToExtension("b", "ctx", "200"),
        SendDigits("42#"),
    ]
)
EVENTS: st.SearchStrategy[CallEvent] = st.one_of(
    st.sampled_from(SET_UP),
    st.just(CallerGone()),
    st.just(MediaGone()),
    REQUESTS.map(Requested),
    PERSONS.map(PersonAnswered),
    st.builds(PersonGone, PERSONS, st.sampled_from(RequestOutcome)),
    PERSONS.map(PersonJoined),
    PERSONS.map(DialExpired),
    st.sampled_from(ConversationEnd).map(ConversationOver),
    FAILABLE.map(CommandFailed),
    st.just(Evicted("draining")),
    st.just(DigitsSent()),
)


class Asterisk:
    """What exists because of the commands so far: the books the machine must balance."""

    def __init__(self) -> None:
        self.channels: set[str] = set()
        self.bridges: set[str] = set()
        self.conversing = False
        self.releases = 0
        self.reports = 0

    def obey(self, command: Command) -> None:
        for step in command.steps if isinstance(command, SetUp) else (command,):
            self._do(step)

    def _do(self, command: Step) -> None:
        assert not self.releases, f"{command} after Release"
        match command:
            case CreateMedia(channel) | Dial(channel=channel):
                assert channel not in self.channels
                self.channels.add(channel)
            case CreateBridge(bridge):
                self.bridges.add(bridge)
            case HangUpChannel(channel):
                self.channels.discard(channel)
            case StartConversation():
                assert not self.conversing
                self.conversing = True
            case StopConversation():
                assert self.conversing
                self.conversing = False
            case Report():
                self.reports += 1
            case Release(channels, bridge, _):
                self.releases += 1
                self.channels -= set(channels)
                self.bridges -= {bridge} if bridge else set()
            case ChooseAgent() | Answer() | OpenLeg() | AddChannels() | Continue() | SendDtmf():
                pass


@settings(max_examples=500)
@given(st.lists(EVENTS, max_size=40))
def test_in_any_order_a_call_ends_in_one_release_and_nothing_is_left(
    events: list[CallEvent],
) -> None:
    call, asterisk = CallMachine(IDS), Asterisk()
    requests = 0
    for event in (Arrived(), *events, CallerGone()):
        open_before = requests > asterisk.reports
        if isinstance(event, Requested):
            if open_before or call.state in (CallState.NEW, CallState.SETTING_UP, CallState.ENDED):
                continue  # a conversation exists only between Bridged and Release, and waits
            requests += 1
        if isinstance(event, PersonGone) and event.channel == call.person:
            asterisk.channels.discard(event.channel)
        if isinstance(event, MediaGone) and call.state is not CallState.ENDED:
            asterisk.channels.discard(IDS.media)
        for command in call.handle(event):
            asterisk.obey(command)
    assert asterisk.releases == 1
    assert asterisk.channels == set()
    assert asterisk.bridges == set()
    assert asterisk.reports == requests
    assert call.state is CallState.ENDED
