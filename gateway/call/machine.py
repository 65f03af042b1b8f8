"""What a call may do next. Every transition of every call is in this file.

Pure: events in, commands out, no clock and no I/O. Whatever happens in whatever order, a call
ends in exactly one Release, which names every channel and bridge the machine ever asked for and
did not already give back; after it the machine answers nothing.
"""

from enum import StrEnum

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
from gateway.call.requests import (
    CallRequest,
    HangUp,
    LeaveToFallback,
    RequestOutcome,
    SendDigits,
    TransferToExtension,
    TransferToPerson,
)

Commands = tuple[Command, ...]
MOST_DIALS = 99


class CallState(StrEnum):
    """Where a call stands."""

    NEW = "new"
    SETTING_UP = "setting_up"
    """Answered, media and bridge under way."""
    TALKING = "talking"
    """The agent and the caller hear each other."""
    DIALING = "dialing"
    """A person's phone rings; the agent is still with the caller."""
    JOINING = "joining"
    """The person answered and is being put into the bridge."""
    CONNECTED = "connected"
    """Caller and person talk; the agent has left."""
    LEAVING = "leaving"
    """On the way back to the dialplan; the caller's StasisEnd comes next."""
    ENDED = "ended"


class CallMachine:
    """One call. `handle` takes an event and returns what is to be done, in order."""

    def __init__(self, ids: CallIds) -> None:
        self.ids = ids
        self.state = CallState.NEW
        self.person: str | None = None
        self._media: str | None = None
        self._bridge: str | None = None
        self._address: tuple[str, int] | None = None
        self._media_ready = False
        self._request_open = False
        self._conversing = False
        self._dials = 0

    @classmethod
    def adopted(cls, ids: CallIds, person: str) -> "CallMachine":
        """A call found in Asterisk at start: caller and person already talk in our bridge."""
        machine = cls(ids)
        machine.state = CallState.CONNECTED
        machine.person = person
        machine._bridge = ids.bridge
        return machine

    def __repr__(self) -> str:
        return f"<CallMachine {self.ids.call} {self.state.value}>"

    def handle(self, event: CallEvent) -> Commands:  # noqa: C901 - one table, read as one
        """The commands that `event` calls for; () where it changes nothing."""
        match self.state, event:
            case CallState.ENDED, _:
                return ()
            case _, CallerGone():
                return self._release("caller hung up", caller_is_ours=False)
            case CallState.NEW, Arrived():
                return self._set_up()
            case CallState.SETTING_UP, MediaCreated(address):
                self._address = address
                return (OpenLeg(address), *self._bridge_when_ready())
            case CallState.SETTING_UP, MediaReady():
                self._media_ready = True
                return self._bridge_when_ready()
            case CallState.SETTING_UP, Bridged():
                self.state = CallState.TALKING
                self._conversing = True
                return (StartConversation(),)
            case CallState.TALKING, Requested(request):
                return self._grant(request)
            case CallState.TALKING, DigitsSent():
                return self._report(RequestOutcome.DONE)
            case ((CallState.LEAVING | CallState.CONNECTED), Requested()):
                return (Report(RequestOutcome.CALL_ENDED),)
            case ((CallState.DIALING | CallState.JOINING), Requested(LeaveToFallback(reason))):
                return (*self._drop_person(), *self._leave(reason))
            case CallState.DIALING, PersonAnswered(channel) if channel == self.person:
                self.state = CallState.JOINING
                return (AddChannels(self.ids.bridge, (channel,)),)
            case ((CallState.DIALING | CallState.JOINING), PersonGone(channel, outcome)) if (
                channel == self.person
            ):
                return self._back_to_agent(outcome)
            case CallState.DIALING, DialExpired(channel) if channel == self.person:
                return (*self._drop_person(), *self._back_to_agent(RequestOutcome.NO_ANSWER))
            case CallState.JOINING, PersonJoined(channel) if channel == self.person:
                return self._connect()
            case CallState.CONNECTED, PersonGone(channel) if channel == self.person:
                self.person = None
                return self._release("person hung up", caller_is_ours=True)
            case _, CommandFailed(command):
                return self._recover(command)
            case (
                (CallState.TALKING | CallState.DIALING | CallState.JOINING),
                ConversationOver(end),
            ):
                return self._conversation_over(end)
            case (
                CallState.SETTING_UP | CallState.TALKING | CallState.DIALING | CallState.JOINING,
                MediaGone(),
            ):
                self._media = None
                return (*self._drop_person(), *self._leave("media lost"))
            case (
                CallState.NEW
                | CallState.SETTING_UP
                | CallState.TALKING
                | CallState.DIALING
                | CallState.JOINING,
                Evicted(reason),
            ):
                return (*self._drop_person(), *self._leave(reason))
            case _:
                return ()

    def _set_up(self) -> Commands:
        self.state = CallState.SETTING_UP
        self._media, self._bridge = self.ids.media, self.ids.bridge
        channels = Answer(self.ids.caller), CreateMedia(self._media)
        return (SetUp((ChooseAgent(), *channels, CreateBridge(self._bridge))),)

    def _bridge_when_ready(self) -> Commands:
        """addChannel before the media's StasisStart would be refused with 422."""
        if self._address is None or not self._media_ready:
            return ()
        return (AddChannels(self.ids.bridge, (self.ids.caller, self.ids.media)),)

    def _grant(self, request: CallRequest) -> Commands:
        self._request_open = True
        match request:
            case TransferToPerson() if self._dials == MOST_DIALS:
                return self._report(RequestOutcome.UNREACHABLE)
            case TransferToPerson(endpoint=endpoint, timeout=timeout, summary=summary):
                self._dials += 1
                self.person = self.ids.person(self._dials)
                self.state = CallState.DIALING
                return (Dial(self.person, self.ids.caller, endpoint, timeout, summary),)
            case TransferToExtension(context=context, extension=extension, priority=priority):
                self.state = CallState.LEAVING
                return (
                    Continue(self.ids.caller, "transferred", context, extension, priority),
                    *self._report(RequestOutcome.DONE),
                )
            case LeaveToFallback(reason):
                return self._leave(reason)
            case SendDigits(digits, tone_ms, pause_ms):
                return (SendDtmf(self.ids.caller, digits, tone_ms, pause_ms),)
            case HangUp():
                return self._release("agent hung up", caller_is_ours=True, done=True)

    def _back_to_agent(self, outcome: RequestOutcome) -> Commands:
        """The dial came to nothing: the agent tells the caller and goes on."""
        self.person = None
        self.state = CallState.TALKING
        return self._report(outcome)

    def _connect(self) -> Commands:
        """Caller and person hear each other: the agent reports, and leaves with its media."""
        self.state = CallState.CONNECTED
        media, self._media = self._media, None
        self._conversing = False
        hang_up = () if media is None else (HangUpChannel(media),)
        return (*self._report(RequestOutcome.DONE), StopConversation(), *hang_up)

    def _conversation_over(self, end: ConversationEnd) -> Commands:
        self._conversing = False
        match end:
            case ConversationEnd.FINISHED:
                return self._release("agent finished", caller_is_ours=True)
            case ConversationEnd.FAILED:
                return (*self._drop_person(), *self._leave("conversation failed"))

    def _recover(self, command: Command) -> Commands:
        """A command failed: the caller still gets somewhere, or the call is over."""
        match command:
            case Dial(channel) if channel == self.person:
                # A deadline may have passed after Asterisk made the channel: it must not ring on.
                return (*self._drop_person(), *self._back_to_agent(RequestOutcome.UNREACHABLE))
            case AddChannels(_, channels) if self.state is CallState.JOINING and channels == (
                self.person,
            ):
                return (*self._drop_person(), *self._back_to_agent(RequestOutcome.UNREACHABLE))
            case (
                ChooseAgent()
                | Answer()
                | CreateMedia()
                | CreateBridge()
                | OpenLeg()
                | AddChannels()
            ) if self.state is CallState.SETTING_UP:
                return self._leave("set-up failed")
            case SendDtmf():
                return self._report(RequestOutcome.FAILED)
            case Continue():
                return self._release("could not leave", caller_is_ours=True)
            case _:
                return ()

    def _leave(self, reason: str) -> Commands:
        self.state = CallState.LEAVING
        stop = (StopConversation(),) if self._conversing else ()
        self._conversing = False
        return (
            *self._report(RequestOutcome.CALL_ENDED),
            *stop,
            Continue(self.ids.caller, reason),
        )

    def _drop_person(self) -> Commands:
        person, self.person = self.person, None
        return () if person is None else (HangUpChannel(person),)

    def _report(self, outcome: RequestOutcome) -> Commands:
        """Every request gets exactly one answer."""
        if not self._request_open:
            return ()
        self._request_open = False
        return (Report(outcome),)

    def _release(self, reason: str, *, caller_is_ours: bool, done: bool = False) -> Commands:
        self.state = CallState.ENDED
        outcome = RequestOutcome.DONE if done else RequestOutcome.CALL_ENDED
        caller = self.ids.caller if caller_is_ours else None
        channels = tuple(c for c in (caller, self.person, self._media) if c is not None)
        return (*self._report(outcome), Release(channels, self._bridge, reason))
