"""English. Pure."""

import re

from gateway.conversation.grammar import (
    Asking,
    Grammar,
    Listening,
    Numbers,
    Verbs,
    any_of,
    phrases,
    words,
)


def _bases(word: str) -> tuple[str, ...]:
    """What `word` may be a form of: "goes", "tries", "used", "stopped", "tried"."""
    ending = next((each for each in ("ed", "s") if word.endswith(each)), "")
    stem = word.removesuffix(ending)
    return (word, stem, stem + "e", stem.removesuffix("e"), stem[:-1], word[:-3] + "y")


_AUXILIARIES = words(
    "am are be been can cannot could did do does gonna had has have he's here's how's is it's"
    " let's may might must shall she's should that's there's was were what's where's who's will"
    " would"
)
_PASTS = words(
    "ate became began bit bought broke brought came caught chose drank drove fell felt forgot"
    " fought found gave got grew heard held hid hung kept knew laid led left lent lost made meant"
    " met paid ran rang rose said sat saw sent shook slept sold spent spoke stole stood stuck"
    " swam taught thought threw told took tore understood went woke won wore wrote"
)
_VERBS = Verbs(
    forms=_AUXILIARIES | _PASTS,
    bases=_bases,
    stems=words(
        "accept add agree allow arrive ask become begin believe belong bring buy carry choose"
        " come complain confirm consider continue cost cut decide deliver describe die disturb"
        " drink drive eat explain fall feel fill find finish fit follow forget get give go grow"
        " guess happen hear hold hope hurt include introduce invite join keep know learn leave"
        " let lie listen live lose love make mean meet miss move need open owe pay pick prefer"
        " prescribe press promise provide put read receive recommend remember remove renew rent"
        " repeat reply reschedule reset run save say see seem sell send sit sleep sound speak"
        " spell spend start stay stop suggest suit take talk teach tell thank think throw try"
        " understand use wait wake want wash wear win wish wonder write"
    ),
    nouns_too=words(
        "answer appoint bill book break call cancel care change charge check claim close collect"
        " contact cover credit dial drop email enter exchange fax fix forward guide hang help hit"
        " insure like look mail message name notice number offer order park pass phone place plan"
        " play post question reach record refund register rest return ring share ship show sign"
        " stand support swap text transfer turn update visit walk watch work worry"
    ),
    subjects=words("i you we they he she it who that which to please not never just"),
    objects=words(
        "a an the my your our his her their this that these those it me him us them back"
    ),
    verbal_endings=("ed",),
    short_forms=("'m", "'re", "'ve", "'ll", "'d", "n't"),
)

_ONE_DIGIT = words("zero oh one two three four five six seven eight nine")
_NUMBERS = Numbers(
    digits=dict.fromkeys(
        _ONE_DIGIT
        | words(
            "o double triple ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
            " eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred"
        ),
        1,
    ),
    one_digit=_ONE_DIGIT,
    no_number=frozenset((("a", "m"), ("p", "m"))),
    names=words(
        "number code pin account id phone telephone zip postcode order reference card policy"
        " ticket case extension"
    ),
    code_names=words("number extension"),
    leads=words("is it's"),
    counts=words("have has had got than another currently exactly"),
)

_LISTENING = Listening(
    hums=words(
        "mm mmm mhm mmhm mm-hm mm-hmm mhmm hm hmm hmmm uh-huh uhhuh aha ah oh huh uh um er erm eh"
        " mm-mm mmhmm uhuh"
    ),
    hummed_assent=words("mhm mmhm mm-hm mm-hmm mhmm mmhmm uh-huh uhhuh aha mm-mm uhuh"),
    misheard_hums=phrases(
        "um hum|i'm hum|i'm hun|a hum|unham|a high|of high|uh high|oh high|ah high|ahoy|aho|a hug"
    ),
    assent=words(
        "yes yeah yep yup ya ok okay right sure alright good great fine perfect cool nice wow"
        " thanks gotcha understood exactly absolutely true lovely wonderful really"
    ),
    phrases=phrases(
        "i see|i sing|got it|thank you|thanks|all right|okay thank you|thank you so much|"
        "thank you very much|thanks very much|that's right|that's fine|that's good|i understand|"
        "oh i see|okay i see|go on|sounds good|that's great|very good"
    ),
    ghosts=phrases("you|the|so|thanks for watching"),
    takes_the_word=words(
        "stop wait no nope hold excuse sorry hello but actually listen pardon what person"
        " operator human agent representative moment halt"
    ),
)

_ASKING = Asking(
    number=any_of(
        "number|digits?|code|pin|zip|postcode|date of birth|birthday|phone|telephone|account|spell"
    ),
    spelled=any_of("spell|birth|birthday|postcode|letters?"),
    yes_no=re.compile(
        r"(?:^|[,;:–—]\s*|\b(?:and|or|so|then|okay|ok|great|sure|thanks?|now)\b[,\s]+)"
        r"(?:do|does|did|is|are|was|were|am|will|would|can|could|shall|should|may|might|have|has|"
        r"had|isn't|aren't|don't|doesn't|won't|wouldn't|can't|couldn't)\b",
        re.IGNORECASE,
    ),
    tag=re.compile(r"\b(?:right|correct|okay|ok|yes|or not)\s*\?$", re.IGNORECASE),
    open=any_of("what|which|who|whom|whose|where|when|why|how"),
    asks_to_say=any_of("tell|give|say|read|key|enter|type|spell|have|need|repeat|what's|what is"),
    asks_for=any_of("tell|give|say|spell|choose|pick|name"),
    invites=any_of("help|assist|do for|talk about|on your mind"),
    or_=" or ",
    between=re.compile(","),
    or_not="not",
    leads_to_options=re.compile(
        r"^.*(?::|\b(?:like|want|wanted|prefer|need|say|choose|between|have|either|about|be|is|"
        r"was|it|that|for|with|to|press)\b)\s*",
        re.IGNORECASE,
    ),
    asks_to_choose=any_of("say|choose|select|pick|tell"),
    no_option=re.compile(
        r"^(?:is|are|do|does|did|can|could|shall|should|will|would|have|has|there|i|you|we|it)\b|"
        r"\b(?:anything|something|else|whether|if)\b"
    ),
    article=re.compile(r"^(?:the|a|an|your|our)\s+", re.IGNORECASE),
    yes_and_no=words("yes no"),
)

_BE = words(
    "is are was were am be been being it's that's there's i'm you're we're they're he's she's"
)

_TRAILING = words(
    "and or but so because cause since although though unless until while whereas if whether than"
    " the a an my your his her our their this those these some any every each another to of for"
    " with at in on from by about into onto over under between without within during through"
    " against toward towards near per as like is are was were am be been being do does did have"
    " has had will would can could shall should may might must i'm i'd i'll i've we're we'd we'll"
    " we've you're you'd you'll they're it's there's that's what's who's where's let's i we he"
    " they which who whose where when what how why um uh uhm er erm hmm well also just please"
    " maybe actually basically gonna wanna very really called named regarding concerning"
)
_MAY_END = words(
    "about on in over for with it's at to from by is are was am do does did have has can will"
    " would this those these i we how why what who where when please maybe actually really well"
    " since though"
)
_ENDS_STATEMENTS = words("please actually really though this those these")

GRAMMAR = Grammar(
    verbs=_VERBS,
    numbers=_NUMBERS,
    listening=_LISTENING,
    asking=_ASKING,
    breaks_answers=_TRAILING - _MAY_END,
    answers=words(
        "yes yeah yep yup no nope nah sure correct right exactly absolutely definitely okay ok"
        " please"
    ),
    closings=phrases("goodbye|good bye|good-by|bye|bye bye|bye-bye|hello|hi"),
    finished_tails=tuple(
        phrases(
            "thank you|thanks|please|bye|goodbye|that's it|that's all|nothing else|no thanks|"
            "no thank you|i think so|i don't know|i don't think so"
        )
    ),
    trailing=_TRAILING,
    may_end=_MAY_END,
    ends_statements=_ENDS_STATEMENTS,
    lead_in=re.compile(
        r"^(?:(?:and|so|but|well|hi|hello|hey|yes|yeah|okay|um|uh|also|because|then) )*(?:"
        r"(?:i was |i'm |i am |just )?wondering|"
        r"(?:i'd|i would|we'd|we would) (?:like|love|prefer)|"
        r"(?:i|we) (?:want|wanted|need|needed|have|got|think|thought|guess|mean|believe|hope)|"
        r"(?:can|could|would|will) you(?: please)?(?: tell| give| show| let)?(?: me| us)?|"
        r"(?:can|could|may) (?:i|we)(?: please)?(?: ask| get| have| speak| talk)?|"
        r"do you(?: guys)?(?: know| have| take| offer| happen to know)|"
        r"(?:i'm|i am|we're) (?:calling|looking|trying|having|interested|asking|not sure|going)|"
        r"(?:the thing|the problem|the question|my question|the other thing)|"
        r"the reason(?: why)?(?: (?:i'm|i am) calling)?(?: is)?|"
        r"(?:i|we) (?:just )?want(?:ed)? to (?:ask|know|say|check|tell you)|"
        r"(?:i was wondering|i wanted to (?:ask|know)|do you know|i'd like to know) (?:if|whether|"
        r"what|when|where|how)(?: (?:you|i|we)(?: (?:could|can|would|do))?"
        r"(?: tell| give| show| help)?(?: me| us)?)?|"
        r"(?:if|whether) (?:you|i|we) (?:could|can|would|might)(?: tell| give| show)?(?: me| us)?|"
        r"let me|tell me|"
        r"(?:my|your|our|the|it's|that's)(?: \w+)? (?:number|extension|name|address|account|"
        r"birthday|question)(?: is)?"
        r")$"
    ),
    first_halves=words(
        "if when whenever because since while after before although though unless until once as"
    ),
    purposes=words("to"),
    needs_object=words(
        "press dial enter entered bring buy send give put find means costs lasts says takes gets"
        " got includes receive want wants need needs"
    ),
    object_in_front=words("what which who that whatever all everything where when how why"),
    no_verb_behind=_BE | words("as the a an in of no my your it"),
    describes=words(
        "new old other different big small large little long short single double whole"
    ),
    be=_BE,
    have=words("have has"),
    articles=words("the a an my your his her our their"),
    leading_adverbs=re.compile(
        r"^(?!(?:early|friendly|family|lonely|lovely|ugly|silly|elderly|likely|daily|weekly|"
        r"monthly|yearly|only|july|italy|reply|supply|apply)$).*ly$"
    ),
    question_starts=words(
        "what which who whom whose where when why how do does did is are was were am will would"
        " can could shall should may have has"
    ),
)
