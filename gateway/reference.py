"""The reference of all settings, of profiles, languages and prices, written from what defines them.

`python -m gateway.reference` writes FILES. They are committed, and a test sees that they are
current.
"""

import json
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from itertools import groupby
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from gateway.config import Address, Setting, Settings, every_section, every_setting
from gateway.profile import (
    Extension,
    Intent,
    Keys,
    LanguageChoice,
    Person,
    Phrases,
    Profile,
    ProfileBudget,
    Slot,
    VoiceChoice,
    Waiting,
)
from gateway.reference_pages import costs_markdown, languages_markdown

WIDTH = 100
SETTING_COLUMNS = ("key", "variable", "default", "meaning")
PROFILE_COLUMNS = ("key", "default", "meaning")

PROFILE_TABLES: Mapping[str, type[BaseModel]] = {
    "Top of the file": Profile,
    "[voice]": VoiceChoice,
    "[languages.NAME]": LanguageChoice,
    "[people.NAME]": Person,
    "[extensions.NAME]": Extension,
    "[phrases]": Phrases,
    "[waiting]": Waiting,
    "[keys]": Keys,
    "[budget]": ProfileBudget,
    "[[intents]]": Intent,
    "[[intents.slots]]": Slot,
}
# what is derived, or is a table of its own
NOT_KEYS: Mapping[type[BaseModel], frozenset[str]] = defaultdict(
    frozenset,
    {
        Profile: frozenset(
            {
                *("name", "topics", "recordings", "voice", "people", "extensions", "phrases"),
                *("intents", "waiting", "keys", "budget", "languages", "also"),
            }
        ),
        LanguageChoice: frozenset({"phrases", "voice"}),
        Intent: frozenset({"slots"}),
    },
)

SETTINGS_PREFACE = """\
# Configuration

<!-- Written by `python -m gateway.reference`; edit gateway/config/ instead. -->

Every setting stands in `gateway.toml` (`voice-gateway --config FILE`; without it, `gateway.toml`
in the working directory if there is one) or in the environment. The environment wins; an empty
variable counts as unset. Relative folders start where `gateway.toml` lies.
[gateway.example.toml](../gateway.example.toml) holds all settings.

What is wrong stops the start with one line that names the field, its value and the fix, and exit
status 2: unknown keys (with the nearest known one), bad values, a variable that is almost one of
these. `voice-gateway check-config` tries it, `voice-gateway print-config` shows what is in effect
and where it comes from. Secrets are never shown.

Set in the dialplan, per call: `Set(AI_CONTEXT=name)` chooses the agent profile,
`Set(AI_LANGUAGE=english)` its language (an English name or a tag like `en-US`).
"""

PROFILE_PREFACE = """\
# Agent profiles

<!-- Written by `python -m gateway.reference`; edit gateway/profile/ instead. -->

An agent is a file `<name>.toml` in `profiles.folder`; `Set(AI_CONTEXT=name)` in the dialplan
chooses it, `profiles.default` is the agent of calls that name none. Unknown keys and bad values
stop the start with one line that names file, field, value and fix; `voice-gateway check-config`
tries them.

What an agent knows stands in Markdown files beside its profile (`knowledge`). A topic is a heading,
a list of ways callers ask about it, and the answer as it is spoken:

```markdown
# Opening hours
- When are you open?
- What time do you close on Saturday?

We are open Monday to Friday, from eight to six.
```

A small profile:

```toml
greeting = "Hello, this is Riverside Clinic. How can I help you?"
knowledge = ["clinic.md"]

[people.reception]
endpoint = "PJSIP/1001"
description = "our reception desk"
called = ["front desk", "receptionist"]
```

## Recorded prompts

Wherever an agent says fixed words (greeting, goodbye, any phrase, what an intent asks or says, the
answer of a topic) the name of a wav file beside the profile can stand instead. What it says stands
in a text file of the same name: the history, the record and what a language model sees are cut to
the words that were heard, so they have to be known.

```toml
greeting = "greeting.wav"              # and greeting.txt: Hello, this is Riverside Clinic. …
[phrases]
fillers = ["One moment.", "checking.wav"]
[waiting]
sound = "our-music.wav"                # a sound needs no text
```

PCM, mono, 8 to 32 bits, 8 to 48 kHz, at most five minutes. Recordings are resampled, made as loud
as the voices (never clipped) and kept ready to send. Nothing can be filled into one, so a phrase
with `{person}` in it that is a recording names nobody. A language model that says the very words of
a recording is heard with it.

## Notices, keys and secrets

A sentence in `protected` is heard to its end, in the greeting as in any answer: neither speech nor
keys cut it, "okay" meanwhile is no turn, and a question asked meanwhile is answered after it.

Digits may be keyed at any time and mixed with spoken ones; `[keys]` says when an entry is complete
and whether a key cuts what is being said. After the agent asked for a PIN, password, card number or
the like, or for a slot with `secret = true`, the digits that come, keyed or said, reach the model
and the tools, and are dots in the call's record, in what the store keeps and in the arguments and
results of tools there.

## Waiting and coming back

Silence of our own making is filled: one of `phrases.fillers` (never the same twice in a row), then
the sound of `[waiting]` without a gap until the answer is there, at last `phrases.apology` and a
person. A caller who puts us on hold is not talked to until they are back, and their music is no
turn.

With `resume_seconds` the conversation with a caller is kept by a hash of agent and number; who
calls again in time hears `phrases.welcome_back`, and the agent knows what was said and where it
stopped. Numbers can be forged: let nothing secret depend on it.

[profiles/clinic.toml](../profiles/clinic.toml) uses nearly everything. In the tables below,
`[people.NAME]` and `[extensions.NAME]` may stand several times, each with a name of its own, and so
may the `[[intents]]` and, below each, its `[[intents.slots]]`.
"""

EXAMPLE_PREFACE = """\
# The settings of the voice gateway. Copy to gateway.toml and change what you need. A key behind
# "#" shows its default, or an example where there is none. The environment wins over this file.
"""


def settings_markdown() -> str:
    """docs/configuration.md: a table of settings for every section."""
    parts = [SETTINGS_PREFACE]
    by_section = _by_section()
    for section, model in every_section():
        rows = (
            (f"`{s.key}`", f"`{s.variable}`", _default(s.field), _meaning(s.field))
            for s in by_section[section]
        )
        parts += [f"## [{section}]\n", _about(model), _markdown_table(SETTING_COLUMNS, rows)]
    return "\n".join(parts)


def profile_markdown() -> str:
    """docs/profiles.md: a table of keys for every table of a profile."""
    parts = [PROFILE_PREFACE]
    for title, model in PROFILE_TABLES.items():
        rows = (
            (f"`{key}`", _default(field), _meaning(field))
            for key, field in model.model_fields.items()
            if key not in NOT_KEYS[model]
        )
        parts += [f"## {title}\n", _about(model), _markdown_table(PROFILE_COLUMNS, rows)]
    return "\n".join(parts)


def example() -> str:
    """gateway.example.toml: every setting, commented out at its default, with its meaning."""
    return EXAMPLE_PREFACE + _toml(_example_line)


def effective(settings: Settings, origins: Mapping[str, str]) -> str:
    """The settings in effect as TOML, each with where it comes from; secrets masked."""

    def line(setting: Setting) -> str:
        value = getattr(getattr(settings, setting.section), setting.key)
        shown = f"{setting.key} = {toml_value(value)}" if value is not None else f"# {setting.key}"
        return f"{shown}  # {origins[setting.name]}\n"

    return _toml(line).lstrip()


def toml_value(value: object) -> str:
    """A setting's value as TOML writes it. Secrets are masked."""
    match value:
        case SecretStr():
            return json.dumps(str(value))
        case bool() | int() | float():
            return json.dumps(value)
        case Decimal():
            return f"{value:f}"
        case Enum():
            return json.dumps(value.value)
        case tuple() if not isinstance(value, Address):
            return f"[{', '.join(toml_value(item) for item in value)}]"
        case _:
            return json.dumps(str(value))


def _by_section() -> Mapping[str, list[Setting]]:
    return {
        section: list(settings)
        for section, settings in groupby(every_setting(), key=lambda setting: setting.section)
    }


def _about(model: type[BaseModel]) -> str:
    return _one_line(model.__doc__) + "\n"


def _meaning(field: FieldInfo) -> str:
    return _one_line(field.description)


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (columns, ["---"] * len(columns), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.default
    return "unset" if default in (None, "", (), {}) else f"`{toml_value(default)}`"


def _toml(line: Callable[[Setting], str]) -> str:
    return "".join(
        f"\n[{section}]\n" + "".join(map(line, settings))
        for section, settings in _by_section().items()
    )


def _example_line(setting: Setting) -> str:
    examples = setting.field.examples
    value = examples[0] if examples else setting.field.default
    return f"{_comment(_meaning(setting.field))}\n#{setting.key} = {toml_value(value)}\n"


def _comment(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="# ", subsequent_indent="# ")


FILES: Mapping[Path, Callable[[], str]] = {
    Path("docs/configuration.md"): settings_markdown,
    Path("docs/profiles.md"): profile_markdown,
    Path("docs/languages.md"): lambda: languages_markdown(_markdown_table),
    Path("docs/costs.md"): lambda: costs_markdown(_markdown_table),
    Path("gateway.example.toml"): example,
}


def main() -> None:
    for file, text in FILES.items():
        file.write_text(text(), "utf-8")


if __name__ == "__main__":
    main()
