"""The words that turn-taking knows, in the languages it knows them in. Pure, and only words.

An entry here never decides alone: `completeness`, `backchannel` and `question` say what a word
in its place means.
"""


def words(text: str) -> frozenset[str]:
    """The words of `text`, split at white space."""
    return frozenset(text.split())


HUMS = words(
    "mm mmm mhm mmhm mm-hm mm-hmm mhmm hm hmm hmmm uh-huh uhhuh aha ah oh huh uh um er erm eh"
    " mm-mm mmhmm uhuh"
)
"""Sounds of listening or thinking."""


HUMMED_ASSENT = words("mhm mmhm mm-hm mm-hmm mhmm mmhmm uh-huh uhhuh aha mm-mm uhuh")
"""Hums that also mean yes or no."""


MISHEARD_HUMS = frozenset(
    (
        "um hum", "i'm hum", "i'm hun", "a hum", "a high", "of high", "uh high", "oh high",
        "ah high", "ahoy",
    )
)  # fmt: skip
"""What recognisers are known to make of "mm-hm" and "uh-huh"."""


ASSENT = words(
    "yes yeah yep yup ya ok okay right sure alright good great fine perfect cool nice wow thanks"
    " gotcha understood exactly absolutely true lovely wonderful really"
    " ja genau gut klar danke stimmt sicher oui d'accord bien merci voilà sí si claro vale gracias"
    " bueno certo grazie sim tá obrigado obrigada 嗯 好 好的 是 是的 对 對 谢谢 謝謝"
)
"""Words that, alone or together, only say: I am listening."""


TRAILING = words(
    # English: what a sentence does not end with
    "and or but so because cause since although though unless until while whereas if whether than"
    " the a an my your his her our their this these those some any every each another"
    " to of for with at in on from by about into onto over under between without within during"
    " through against toward towards near per as like"
    " is are was were am be been being do does did have has had will would can could shall should"
    " may might must i'm i'd i'll i've we're we'd we'll we've you're you'd you'll they're"
    " it's there's"
    " that's what's who's where's let's i we he they which who whose where when what how why"
    " um uh uhm er erm hmm well also just please maybe actually basically gonna wanna very really"
    " called named regarding concerning"
    # German, French, Spanish, Portuguese, Italian: conjunctions, articles, prepositions
    " und oder aber weil dass der die das den dem des ein eine einen einem einer mein meine meinen"
    " mit von zu zum zur für bei auf im am ist sind war habe ich wir"
    " et ou mais parce que le la les un une des du de mon ma mes à pour avec dans sur chez est je"
    " y o pero porque el los las una unos mi mis para con por en está soy es"
    " e mas os uma meu minha em na são sou il lo gli uno di da per nel sono che"
)
"""What a sentence does not end with: conjunctions, articles, prepositions, auxiliaries, fillers."""


MAY_END = words(
    "about on in over for with it's at to from by is are was am do does did have has can will would"
    " that this those these there i we how why what who where when please maybe actually"
    " really well"
    " since though me"
)
"""Trailing words that also end good sentences: "What is it about?", "Where are you at?" """


NEEDS_OBJECT = words(
    "press dial enter entered bring buy send give put find means costs lasts says takes gets got"
    " includes receive want wants need needs"
)
"""Verbs that do not end a statement: what they are done to is still to come. Forms that are
participles too are none of them: "as dialed", "it is lost"."""


COUNTS = words("have has had got than another currently exactly")
"""Words after which a number counts something that is still to be named."""


DESCRIBES = words("new old other different big small large little long short single double whole")
"""Behind a number these belong to something that is still to be named: "two new …"."""


LEADS_IN = words(
    "if when whenever because since while after before although though unless until once as"
    " wenn weil als nachdem bevor quand parce lorsque cuando porque quando"
)
"""What a clause begins with that is only the first half of a sentence."""


BE = words(
    "is are was were am be been being it's that's there's i'm you're we're they're he's she's"
)


HAVE = words("have has")


ARTICLES = words("the a an my your his her our their")


LIKE_ADVERBS = words(
    "early friendly family lonely lovely ugly silly elderly likely daily weekly monthly yearly"
    " only july italy reply supply apply"
)
"""End like adverbs and end sentences: "It is early." """


ONE_DIGIT = words("zero oh one two three four five six seven eight nine")


CODE_NAMES = words("number extension nummer numéro número")
"""Those of `NUMBER_NAMES` that nobody ends with when the voice has not fallen."""


ENDS_STATEMENTS = words("please actually really though me this that those these there")
"""Those of them that end statements too, not only questions."""


QUESTION_STARTS = words(
    "what which who whom whose where when why how do does did is are was were am will would"
    " can could"
    " shall should may have has"
)


ANSWERS = words(
    "yes yeah yep yup no nope nah sure correct right exactly absolutely definitely okay ok please"
    " ja nein oui non sí si não sim"
)
"""Words that answer a yes/no question."""


DIGIT_WORDS = words(
    "zero oh o one two three four five six seven eight nine double triple ten eleven twelve"
    " thirteen"
    " fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy"
    " eighty ninety hundred null eins zwei drei vier fünf sechs sieben acht neun"
)


NUMBER_NAMES = words(
    "number code pin account id phone telephone zip postcode order reference card policy"
    " ticket case"
    " extension nummer numéro número"
)
"""What a number that is said digit by digit is called."""


ABBREVIATIONS = words(
    "mr mrs ms dr prof st sr jr vs etc inc ltd co corp no nos vol fig dept approx apt ave blvd rd"
    " e.g i.e u.s u.k a.k.a jan feb mar apr jun jul aug sept sep oct nov dec tel ext"
    " hr fr sra srta dra ud uds z.b d.h bzw usw ca evtl nr tél mme mlle m"
)
"""Written with a dot that ends no sentence."""

TAKES_THE_WORD = words(
    "stop wait no nope hold excuse sorry hello but actually listen pardon what person operator"
    " human agent representative halt warte moment nein stopp arrête attendez non espera pare alto"
)
"""Words after which nobody wants the agent to go on, even as the only ones."""

CLOSINGS = frozenset(("goodbye", "good bye", "good-by", "bye", "bye bye", "bye-bye", "hello", "hi"))
"""What a conversation opens or ends with, all by itself."""
