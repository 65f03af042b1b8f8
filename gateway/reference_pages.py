"""Pages whose tables come from data: languages and who serves them, prices. See `reference`."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from gateway.kinds import Kind
from gateway.languages import DEFAULT_TAGS, bcp47, english_name, spoken_language
from gateway.money.bill import shown
from gateway.money.prices import Price, load_prices
from gateway.phrasebook import languages
from gateway.providers.coverage import ANY, HEARD, SOURCES, SPOKEN, served_everywhere, serves

TableWriter: TypeAlias = Callable[[Sequence[str], Iterable[Sequence[str]]], str]
"""Writes columns and rows as Markdown."""

LANGUAGES_PREFACE = """\
# Languages

<!-- Written by `python -m gateway.reference`; edit gateway/reference_pages.py instead. -->

A call begins in the language that the dialplan says, `Set(AI_LANGUAGE=spanish)`: an English name,
the language's own name (`español`), a code or a tag of BCP 47 (`es`, `es-MX`). Without it, in the
profile's `language`. Where a language cannot be had (no recogniser, no language model or no voice
that declares it, or no words for it) the call begins in the profile's language; the log has
`language_not_spoken` with the reason, and `voice_gateway_languages_not_spoken_total` counts it.

## An agent of several languages

```toml
language = "english"
greeting = "Hello, this is Riverside Clinic. How can I help you?"

[languages.spanish]
greeting = "Hola, clínica Riverside. ¿En qué puedo ayudarle?"
called = {{ reception = "nuestra recepción" }}   # instead of the description in [people.reception]

[languages.chinese]
stt = ["alibaba", "deepgram"]                  # instead of stt.provider
tts = ["azure"]                                # instead of tts.provider
voice = {{ name = "zh-CN-XiaoxiaoNeural" }}

[languages.polish]                             # no words come along: give them
greeting = "Dzień dobry. W czym mogę pomóc?"
[languages.polish.phrases]
apology = "Przepraszam, coś poszło nie tak."
```

All keys: [profiles](profiles.md). Greeting, goodbye and all phrases come along in {shipped};
in other languages those that you do not give are said in English. Knowledge and instructions may
stay in one language: a language model translates. The embedded agent, its recogniser and its
voices know English only.

Without `stt` and `tts` of its own a language is served by the providers of the settings; who does
not declare it is asked last. So `STT_PROVIDER=moonshine,deepgram` hears English on this machine
and all else in the cloud.

## Changing in mid-call

With `[languages]` an agent can change: a language model by the tool `switch_language`, and the
embedded agent understands the wish itself ("en español, por favor", "can we speak German?", "auf
Deutsch bitte", "说中文"), in English, Spanish, French, German, Portuguese and Chinese, for every
language that has a name below. What was said before is said to its end in the old voice; from
`phrases.language_changed` on, recogniser, voice, phrases and instructions are those of the new
language. The call's record has the change, `voice_gateway_language_changes_total` counts them.
Only languages that can be had now are offered.

## How things are said

Amounts of money, times, dates, phone numbers, addresses and shorthand are written out before a
voice reads them: in English (dates by region), Spanish, French, German, Portuguese and Chinese.
In other languages only phone numbers and long numbers are, digit by digit.

## How turns are told

Whether a caller has finished, only listens or answers yes is judged by the language's own words in
English, Spanish, French, German, Portuguese and Chinese, in others by punctuation and length:
[turns](turns.md).

## Who serves what

{count} languages have both an ear and a voice among the providers. The table is what the vendors'
documentation listed; a model or region of yours may know more or fewer. With {any} the model or
voice that you give decides. `voice-gateway doctor` asks the configured providers.

"""

COSTS_PREFACE = """\
# What calls cost

<!-- Written by `python -m gateway.reference`; edit gateway/reference_pages.py instead. -->

Each call's record says what it cost: in all, per minute, and by provider with what was used of
it: tokens (and those of them that the provider read from its cache), seconds of audio,
characters. The numbers are the provider's own where it gives them. Characters are those of text
that was really sent: phrases from the speech cache cost nothing. An answer that was thrown away
because the caller went on speaking is paid for, too; where the provider had no time to say how
many tokens it was, they are estimated by its text (`"estimated": true`).

```json
"cost": {{
  "currency": "USD", "total": "0.007700", "per_minute": "0.005133",
  "providers": [{{"kind": "llm", "provider": "anthropic", "model": "claude-haiku-4-5",
    "input_tokens": 3000, "cached_tokens": 2000, "output_tokens": 100,
    "estimated": false, "cost": "0.001700"}}]
}}
```

`GET /calls` shows the cost of live calls, `GET /costs` what today has cost by agent, and the
limits. Prometheus has `voice_gateway_provider_cost_total`, `voice_gateway_provider_used_total`,
`voice_gateway_call_cost` and `voice_gateway_budget_limits_reached_total`. Amounts are computed in
decimal, to the billionth; only Prometheus sees floats.

Phrases that are prepared before calls come in are on no call's bill, but in the day's.

## Prices

**Check the table before you trust it.** It was written down from public price lists at the date
in each row; nobody updates it by itself, and your contract, region and volume may differ.
`voice-gateway print-prices > prices.toml` gives the file: edit it and set `money.price_table`.
The first row whose kind, provider and model hold counts. What has no row has no cost (`null` in
the record, counted by `voice_gateway_provider_unpriced_total`): budgets do not see it.

## Budgets

| limit | of | set by |
| --- | --- | --- |
| `money.call_soft_limit`, `money.call_hard_limit` | one call | settings, or `[budget]` |
| `day_soft_limit`, `day_hard_limit` in `[budget]` | all calls of an agent in a day | profile |
| `money.day_soft_limit`, `money.day_hard_limit` | all calls of a day | settings |

Days are those of UTC. Gateways that share a Redis share the sums; while it is away each goes on
with what it knows, and tells it later.

At a **soft** limit the language model and the voice that cost least (by the table) are asked
first from the next turn on; the recogniser that a call has stays.

At a **hard** limit the
answer in work is heard to its end, the agent says `phrases.limit_reached` and connects the caller
to the profile's default person; where there is none, or nobody answers, it says goodbye and hangs
up. What is said then was prepared before and costs nothing. A call that comes when a day's hard
limit is reached hears the greeting and then the same.

A budget is met to the size of one answer: what a provider charges is known only when it has
answered.

"""


def languages_markdown(table: TableWriter) -> str:
    """docs/languages.md."""
    both = served_everywhere()
    shipped = sorted(english_name(language) for language in languages())
    preface = LANGUAGES_PREFACE.format(
        shipped=f"{', '.join(shipped[:-1])} and {shipped[-1]}",
        count=len(both),
        any=", ".join(f"`{name}`" for name, codes in {**HEARD, **SPOKEN}.items() if codes is ANY),
    )
    rows = (_language_row(tag) for tag in _spoken_tags() if spoken_language(tag) in both)
    sources = ((name, source) for name, source in SOURCES.items())
    return "".join(
        (
            preface,
            table(("language", "tag", "heard by", "spoken by"), rows),
            "\nWhere this comes from:\n\n",
            table(("provider", "documentation, and when"), sources),
        )
    )


def _spoken_tags() -> Sequence[str]:
    """One tag for each language, by its English name."""
    tags = {spoken_language(tag): bcp47(spoken_language(tag)) or tag for tag in DEFAULT_TAGS}
    return sorted(tags.values(), key=english_name)


def _language_row(tag: str) -> Sequence[str]:
    return (
        english_name(tag),
        f"`{tag}`",
        _named(Kind.STT, HEARD, tag),
        _named(Kind.TTS, SPOKEN, tag),
    )


def _named(kind: Kind, providers: Iterable[str], tag: str) -> str:
    table = HEARD if kind is Kind.STT else SPOKEN
    declared = (name for name in providers if table[name] is not ANY and name != "embedded")
    return ", ".join(name for name in declared if serves(kind, name, tag))


def costs_markdown(table: TableWriter) -> str:
    """docs/costs.md."""
    prices = load_prices()
    rows = (
        (f"`{p.kind.value}`", p.provider, f"`{p.model}`", _price(p), str(p.as_of), p.source)
        for p in prices.prices
    )
    columns = ("kind", "provider", "model", f"price ({prices.currency})", "as of", "source")
    return COSTS_PREFACE.format() + "## The table\n\n" + table(columns, rows)


def _price(price: Price) -> str:
    amounts = (
        (price.input, "per 1M input tokens"),
        (price.cached, "cached"),
        (price.output, "output"),
        (price.minute, "per minute"),
        (price.characters, "per 1M characters"),
    )
    if not any(amount for amount, _ in amounts):
        return "nothing"
    told = (f"{shown(amount).rstrip('0').rstrip('.')} {unit}" for amount, unit in amounts if amount)
    return ", ".join(told)
