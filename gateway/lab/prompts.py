"""Speech of a real human being at 8 kHz, with what is said: prompts that Asterisk ships.

Recorded by Allison Smith (package asterisk-core-sounds-en-wav, CC-BY-SA 3.0); fetched into the
cache, never copied into this project. Only prompts that are a sentence of their own are listed.
"""

from dataclasses import dataclass
from pathlib import Path

from gateway.lab.archive import PROMPTS, bring

FOLDER = "usr/share/asterisk/sounds/en_US_f_Allison"
TEXTS = {
    "all-circuits-busy-now": "All circuits are busy now.",
    "auth-incorrect": "Password incorrect. Please enter your password followed by the pound key.",
    "cannot-complete-as-dialed": "Your call cannot be completed as dialed.",
    "check-number-dial-again": "Please check the number and dial again.",
    "conf-full": "That conference is full.",
    "conf-getconfno": "Please enter your conference number followed by the pound key.",
    "conf-invalid": "That is not a valid conference number. Please try again.",
    "conf-kicked": "You have been kicked from this conference.",
    "conf-noempty": "No empty conferences currently exist.",
    "conf-now-recording": "The conference is now being recorded.",
    "conf-onlyone": "There is currently one other participant in the conference.",
    "conf-onlyperson": "You are currently the only person in this conference.",
    "conf-placeintoconf": "You will now be placed into the conference.",
    "conf-waitforleader": "The conference will begin when the leader arrives.",
    "confbridge-invalid": "You have entered an invalid option.",
    "confbridge-removed": "You have been removed from the conference.",
    "demo-echodone": "The echo test has been completed.",
    "dir-nomatch": "No directory entries match your search.",
    "feature-not-avail-line": "That feature is not available on this line.",
    "one-moment-please": "One moment, please.",
    "please-try-call-later": "Please try your call again later.",
    "pls-hold-while-try": "Please hold while we try to connect you.",
    "pm-invalid-option": "That option is invalid. Please try again.",
    "priv-recordintro": "At the tone, please say your name.",
    "privacy-incorrect": "I'm sorry, that number is not valid.",
    "privacy-prompt": "Please enter your phone number, starting with the area code.",
    "queue-thankyou": "Thank you for your patience.",
    "ss-noservice": "The number you have dialed is not in service. "
    "Please check the number and try again.",
    "transfer": "Please hold while I try that extension.",
    "tt-monkeysintro": "They have been carried away by monkeys.",
    "tt-weasels": "Weasels have eaten our phone system.",
    "vm-dialout": "Please wait while I connect your call.",
    "vm-enter-num-to-call": "Please enter the number you wish to call.",
    "vm-msgforwarded": "Your message has been successfully forwarded.",
    "vm-msgsaved": "Your message has been saved.",
    "vm-nobodyavail": "Nobody is available to take your call at the moment.",
    "vm-nonumber": "I'm afraid I don't know who sent this message.",
    "vm-sorry": "I'm sorry, I did not understand your response.",
    "vm-tooshort": "Your message is too short.",
    "vm-whichbox": "To leave a message, please enter a mailbox number.",
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """One recording, 8 kHz mono, with its transcript."""

    name: str
    text: str
    path: Path


def prompts() -> list[Prompt]:
    """All listed prompts; fetched first where they are not in the cache. LabError if that fails."""
    folder = bring(PROMPTS).path / FOLDER
    return [Prompt(name, text, folder / f"{name}.wav") for name, text in TEXTS.items()]
