"""German. Pure."""

import re

from gateway.conversation.grammar import (
    HUMMED_ASSENT,
    HUMS,
    Asking,
    Grammar,
    Listening,
    Numbers,
    Verbs,
    any_of,
    forms_of,
    phrases,
    words,
)

_MODALS = words(
    "kann kannst können könnt könnte könnten könntest muss musst müssen müsste müssten soll"
    " sollst sollen sollte sollten darf dürfen dürfte dürften werde wird werden würde würden"
    " würdest"
)
_NOUNS_TOO = words(
    "kosten essen stand laden zahlen miete messe bremse pflege feier tanke wasche spüle übe bilde"
    " lade frage suche buche reise sorge stimme ruf liebe spiel lehre kaufe rechnen"
)
_VERBS = Verbs(
    forms=(
        _MODALS
        | words(
            "bin bist ist sind seid war warst waren wäre wären gewesen habe hab hast hat haben"
            " habt hatte hatten hätte hätten gehabt will willst wollen wollte wollten möchte"
            " möchten mag mögen werdet wurde wurden geworden weiß weißt wissen wusste gewusst tut"
            " tue tun tat getan gibt gab geben gebe gegeben geht ging gehen gehe gegangen kommt"
            " kam kommen komme gekommen bekommt bekam bekommen bekomme nimmt nahm nehmen nehme"
            " genommen spricht sprach sprechen spreche gesprochen sieht sah sehen sehe gesehen"
            " liegt lag liegen liege gelegen steht stand stehen stehe gestanden sitzt saß sitzen"
            " sitze heißt hieß heißen heiße geheißen ruft rief rufe rufen gerufen angerufen"
            " anrufen anruft lässt ließ lassen lasse gelassen hält hielt halten halte gehalten"
            " fährt fuhr fahren fahre gefahren trägt trug tragen trage getragen schreibt schrieb"
            " schreiben schreibe geschrieben bleibt blieb bleiben bleibe geblieben findet fand"
            " finden finde gefunden bringt brachte bringen bringe gebracht denkt dachte denken"
            " denke gedacht kennt kannte kennen kenne gekannt verliert verlor verlieren verliere"
            " verloren vergisst vergaß vergessen vergesse liest las lesen lese gelesen isst essen"
            " gegessen hilft half helfen helfe geholfen beginnt begann beginnen begonnen schließt"
            " schließen geschlossen verschieben verschiebe verschoben abgebrochen zieht zog"
            " ziehen ziehe gezogen bietet bieten bittet bat bitten gebeten empfehlen empfiehlt"
            " empfohlen trifft treffen treffe getroffen schläft schlafen passiert funktioniert"
            " funktionieren stimmt gehört gefällt klappt kostet kosten dauert dauern reicht"
            " öffnet öffnen schmerzt bräuchte bräuchten eingeht angekommen ankommen ankommt"
            " abholen abhole abgeholt absagen absage abgesagt mitbringen verbinden verbinde"
            " verbunden bestätigen ändern ändere geändert erreichen erreiche erreicht überweisen"
            " überwiesen unterschrieben"
        )
        | forms_of(
            "brauch sag frag mach such kauf bestell hör wohn buch leb lern arbeit wart zahl"
            " bezahl versuch erzähl erklär glaub hoff lieb spiel stell leg schick hol fehl storn"
            " meld lös füll dreh wechsl tausch reservier stornier reparier buchstabier telefonier"
            " notier reklamier aktivier informier kontrollier probier studier zeig wiederhol"
            " vereinbar flacker tropf piep blink klapper knall stink brenn leucht wackel klemm"
            " klingel rausch ruckel zick streik spinn quietsch schimmel tröpfel verlang verdopp"
            " vertipp verwechsel verlänger verpass verpack vermiet verletz vermiss verreis"
            " verschenk verschick verschwind verzöger miet park tank heiz koch back putz wasch"
            " wisch kehr repar mal bau schneid lach träum fühl riech schmeck husten nies röntg"
            " impf operier blut juck brems lenk kratz zieh pack räum sortier fürcht wünsch freu"
            " ärger wunder überleg beweg install druck kopier scann klick tipp surf lad speicher"
            " lösch updat synchronisier verknüpf deinstallier start neustart empfang send"
            " übertrag überprüf überzahl prüf mess wieg zähl rechn verbrauch ablehn akzeptier"
            " garantier versicher verunfall beschädig zerstör zerbrech nutz benutz verwend betreu"
            " pfleg unterstütz begleit führ leit bild unterricht üb train lauf renn spazier"
            " kletter schwimm tanz feier gratulier schenk einricht kündig benötig erledig"
            " beschwer bedank entschuldig interessier gewöhn verdien verkauf besuch bestätig"
            " erhöh",
            "e st t en te ten",
        )
        | forms_of(
            "erwart beantwort berat antwort red änder öffn rechn",
            "e est et en ete eten",
        )
        | forms_of(
            "ge",
            "sagt fragt macht sucht kauft hört bucht lebt wartet zahlt schickt holt fehlt"
            " löst dreht tauscht meldet stellt legt liefert ändert öffnet schlossen braucht",
        )
        | words(
            "bestellt bezahlt erhalten erhielt erzählt versucht storniert repariert vereinbart"
            " geliefert liefert liefern liefere gemeldet gekündigt bestätigt gebrochen"
            " kaputtgegangen ausgefallen umgezogen abgelaufen eingezahlt angemeldet abgemeldet"
            " gesperrt gestohlen"
        )
    )
    - _NOUNS_TOO,
    nouns_too=_NOUNS_TOO,
    subjects=words("ich wir ihr sie er es man wer nicht"),
    objects=words(
        "den die das dem einen eine ein meinen meine mein ihren ihre ihr mich mir ihn ihm uns sie"
        " es"
    ),
    longest_without=7,
    final_endings=("t", "en", "ern", "eln", "te", "est"),
    infinitive_endings=("en", "ern", "eln", "tun", "sein"),
    others=words(
        "bitte morgen gegen wegen zwischen oben unten außen innen hinten neben einen meinen"
        " deinen seinen ihren unseren euren keinen diesen jenen jeden manchen allen vielen"
        " wenigen anderen nächsten letzten ersten zweiten dritten guten neuen alten ganzen"
        " eigenen denen nicht jetzt zeit dort seit mit nacht geburt unterschrift auskunft erst"
        " zuerst vielleicht überhaupt selbst gestern heute leute arzt gerät paket konto monat"
        " rezept werkstatt stadt termin wochen stunden minuten tagen jahren zehn sieben daten"
        " kosten garten laden namen schaden fast meist sonst bereits insgesamt dienst post recht"
        " montagen beiden bisschen euch"
    ),
    implied_behind=words("ich wir er man"),
    not_implied=words(
        "und oder in im am zum auch mit von ja nein äh ähm hier selbst selber alle beide meine"
        " mein die der das den heute morgen"
    ),
)

_ONE_DIGIT = words("null eins ein zwei zwo drei vier fünf sechs sieben acht neun")
_ONES = "ein zwei zwo drei vier fünf sechs sieben acht neun"
_TENS = "zwanzig dreißig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig"
_NUMBERS = Numbers(
    digits=dict.fromkeys(_ONE_DIGIT - words("ein") | words("doppel"), 1)
    | dict.fromkeys(
        words(
            f"zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn {_TENS}"
        )
        | forms_of(" ".join(f"{one}und" for one in _ONES.split()), _TENS),
        2,
    )
    | dict.fromkeys(words("hundert einhundert"), 1),
    one_digit=_ONE_DIGIT - words("ein"),
    spelled_as=words("wie"),
    names=forms_of(
        "telefon handy mobil kunden rechnungs bestell auftrags konto vertrags versicherungs"
        " karten haus fax sendungs vorgangs mitglieds ticket zimmer kenn prüf rück post"
        " versichertenkarten",
        "nummer nr zahl",
    )
    | words("nummer pin code plz postleitzahl vorwahl durchwahl iban telefon handy kennwort"),
    code_names=words(
        "nummer telefonnummer handynummer kundennummer rechnungsnummer bestellnummer kontonummer"
        " postleitzahl vorwahl durchwahl iban"
    ),
    leads=words("ist lautet"),
    counts=words("habe haben hab gibt brauche brauchen sind genau"),
)

_LISTENING = Listening(
    hums=HUMS | words("hmmm äh ähm öh öhm eh ah aha ach oh ähä hä tja"),
    hummed_assent=HUMMED_ASSENT | words("aha"),
    assent=words(
        "ja jaja jawohl genau gut okay ok klar danke stimmt sicher richtig schön prima super toll"
        " alles verstehe verstanden perfekt natürlich eben logisch gerne wunderbar klasse so"
    ),
    phrases=phrases(
        "alles klar|vielen dank|danke schön|ich verstehe|ach so|sehr gut|in ordnung|na gut|"
        "passt schon|das ist gut|ja klar|weiter"
    ),
    takes_the_word=words(
        "stopp stop halt warte warten moment nein nee entschuldigung verzeihung hallo aber"
        " eigentlich was mitarbeiter mitarbeiterin mensch berater"
    ),
)

_ASKING = Asking(
    number=any_of(
        r"\w*nummer|ziffern?|zahlen|pin|plz|\w*code|postleitzahl|vorwahl|geburtsdatum|iban|"
        r"geburtstag",
        r"buchstabier\w*",
    ),
    spelled=any_of(r"buchstabier\w*|geburt\w*|buchstaben|iban"),
    yes_no=re.compile(
        r"(?:^|[,;:–—]\s*|\b(?:und|oder|also|dann|gut|okay|ok|danke|nun|so)\b[,\s]+)"
        r"(?:soll|sollen|sollte|kann|können|könnten|darf|dürfen|dürfte|möchten|wollen|würden|"
        r"ist|sind|war|waren|haben|hatten|hätten|passt|stimmt|geht|wäre|brauchen|gibt|wissen|"
        r"kennen|sprechen|wohnen|kommen|meinen|sehen|hören|bleibt|reicht|nehmen)\b",
        re.IGNORECASE,
    ),
    tag=re.compile(
        r"\b(?:richtig|korrekt|stimmt's|stimmt das|okay|ok|ja|nicht wahr|oder|oder nicht)\s*\?$",
        re.IGNORECASE,
    ),
    open=any_of(
        r"was|wer|wen|wem|wessen|wo|woher|wohin|wann|warum|wieso|weshalb|wie|wofür|womit|worum|"
        r"welche[rsmn]?|an welchem|um wie viel|für wann"
    ),
    asks_to_say=any_of(
        r"sagen|sag|nennen|geben|tippen|eingeben|buchstabieren|wiederholen|diktieren|mitteilen|"
        r"lautet|wie ist|brauche|benötige"
    ),
    asks_for=any_of("sagen|nennen|geben sie|buchstabieren|wählen"),
    invites=any_of(r"helfen|behilflich|für sie tun|worum geht|weiterhelfen|was kann ich|anliegen"),
    or_=" oder ",
    between=re.compile(","),
    or_not="nicht",
    leads_to_options=re.compile(
        r"^.*(?::|\b(?:lieber|sie|um|für|mit|an|am|es|das|eher|zwischen|sagen|wählen|bitte)\b)\s*",
        re.IGNORECASE,
    ),
    asks_to_choose=any_of("sagen|wählen|nennen|entscheiden"),
    no_option=re.compile(
        r"^(?:ist|sind|kann|soll|haben|gibt|war|ich|sie|wir|es)\b|\b(?:etwas|sonst|anderes|ob)\b"
    ),
    article=re.compile(
        r"^(?:der|die|das|den|dem|ein|eine|einen|einem|einer|ihr|ihre)\s+", re.IGNORECASE
    ),
    yes_and_no=words("ja nein"),
)

_ARTICLES = words(
    "der die das den dem des ein eine einen einem einer eines mein meine meinen meinem meiner"
    " dein deine ihr ihre ihren ihrem ihrer sein seine seinen unser unsere unseren unserem kein"
    " keine keinen dieser diese diesen diesem dieses jeder jede jeden jedes welche welcher"
)
_PREPOSITIONS = words(
    "mit von zu zum zur für bei beim auf im am in ins ans aus nach vor über unter um durch ohne"
    " gegen wegen seit bis an ab zwischen neben hinter während trotz statt per gegenüber"
    " bezüglich"
)
_CLAUSE_OPENERS = words("wenn falls weil dass ob obwohl nachdem bevor sobald solange damit sodass")
_FINAL_VERBS = words(
    "bin habe hab haben hatte hätte kann können könnte könnten muss müssen soll sollen sollte"
    " darf dürfte will wollte möchte möchten würde würden werde wird wurde ist sind war waren"
    " heißt heiße lautet"
)
"""They end a clause only if it has begun as one."""
_OF_PARTICLE = {
    "an": "rufe ruft rufen rief ruf komme kommt kam nehme nimmt nehmen melde meldet melden schaue"
    " sehe sieht sehen fange fängt fing biete bietet bieten gebe gibt fühlt hört kommen",
    "auf": "höre hört mache macht machen stehe steht passe passt pass schreibe schreiben schreib"
    " lege legt gebe geben taucht",
    "ab": "sage sagt sagen sag hole holt holen gebe gibt geben schicke schicken lehne lehnt melde"
    " meldet breche bricht stürzt läuft schalte bucht",
    "aus": "sieht sehe mache macht fülle füllt gehe geht reicht schalte schaltet fällt suche kommt"
    " zahle gebe",
    "zu": "mache macht höre hören stimme stimmt sage sagen gebe schicke schicken trifft",
    "mit": "bringe bringt bringen komme kommt kommen nehme nimmt nehmen teile teilt teilen mache"
    " macht rede fahre",
    "vor": "stelle stellt stellen habe haben lese lesen schlage schlagen kommt",
    "bei": "trage liegt füge bringe",
    "um": "ziehe zieht ziehen buche buchen tausche tauschen drehe stelle steige",
    "nach": "schaue schauen frage fragen sehe sehen schau gucke reiche reichen",
    "durch": "komme kommt stelle stellen gebe geben lese fällt führe",
    "ein": "trage tragen richte richten stelle stellen lade kaufe löse zahle zahlt logge geht fällt"
    " gebe geben setze",
    "über": "lege weise",
}

_TRAILING = (
    _ARTICLES
    | _PREPOSITIONS
    | frozenset(_OF_PARTICLE)
    | _FINAL_VERBS
    | words(
        "und oder aber weil dass ob wenn als denn sondern sowie obwohl damit bevor nachdem falls"
        " sobald solange während indem sodass deshalb deswegen also entweder weder sowohl ich wir"
        " er wie was wer wo wann warum welchen welches wohin woher namens nämlich sehr noch mal"
        " dann sich man zwar eigentlich äh ähm öh öhm hm hmm tja halt irgendwie sozusagen quasi"
        " herr frau"
    )
)
_MAY_END = words(
    "ist sind war waren kann können muss soll darf will wird habe haben hatte möchte möchten"
    " würde würden das die der den dem ihr ich wir er was wer wo wann warum wohin woher noch mal"
    " dann also eigentlich denn sich dieser diese diesen dieses welche welcher welches meine"
    " meiner seine unsere keine keinen eine einen an ab aus auf zu mit vor"
)
_ENDS_STATEMENTS = words("das noch mal dann eigentlich also sich dieser keine keinen")

GRAMMAR = Grammar(
    verbs=_VERBS,
    numbers=_NUMBERS,
    listening=_LISTENING,
    asking=_ASKING,
    breaks_answers=_TRAILING - _ENDS_STATEMENTS,
    answers=words(
        "ja jawohl jaja jo nein nee nö doch genau richtig stimmt korrekt klar sicher natürlich"
        " gerne okay ok bitte"
    ),
    whole_answers=phrases(
        "das stimmt|so ist es|das ist richtig|ist richtig|auf jeden fall|auf keinen fall|"
        "das passt|passt|sehr gerne|alles klar|von mir aus|geht klar|nicht nötig|das wäre gut|"
        "das wäre schön|leider nicht|leider nein|eher nicht|weiß ich nicht|in ordnung"
    ),
    closings=phrases(
        "hallo|guten tag|guten morgen|guten abend|grüß gott|moin|servus|tschüss|tschüs|"
        "wiederhören|auf wiederhören|auf wiedersehen|ciao"
    ),
    finished_tails=tuple(
        phrases(
            "danke|vielen dank|danke schön|dankeschön|danke sehr|bitte|tschüss|wiederhören|"
            "wiedersehen|das war's|das wars|das war alles|das ist alles|mehr nicht|sonst nichts|"
            "weiß ich nicht|ich weiß nicht|ich weiß es nicht|glaube ich|glaub ich"
        )
    ),
    trailing=_TRAILING,
    may_end=_MAY_END,
    ends_statements=_ENDS_STATEMENTS,
    completed_by={particle: words(verbs) for particle, verbs in _OF_PARTICLE.items()}
    | dict.fromkeys(_FINAL_VERBS, _CLAUSE_OPENERS | words("was wer wo wie wann warum der die das"))
    | {
        "ich": words("das weiß nicht auch gerne"),
        "frau": words("meine meiner eine seine seiner ihre der die"),
        "herr": words("der ein"),
        "diese": words("nehme nehmen will möchte meine"),
        "diesen": words("nehme nehmen will möchte meine"),
        "die": words("nehme nehmen will möchte kenne"),
        "den": words("nehme nehmen will möchte kenne"),
    },
    lead_in=re.compile(
        r"(?:^| )(?:"
        r"(?:ich|wir) (?:möchte|möchten|würde|würden|wollte|wollten|hätte|hätten|will|wollen|"
        r"brauche|brauchen|bräuchte|suche|rufe an|habe|haben|glaube|denke|meine)"
        r"(?: (?:gern|gerne|mal|noch|nur|bitte|eigentlich|einfach|kurz|auch|äh|ähm))*|"
        r"(?:möchte|würde|wollte|hätte|brauche|bräuchte) ich(?: (?:gern|gerne|mal|noch|nur|"
        r"bitte))*|"
        r"(?:können|könnten|würden|kannst|könntest) (?:sie|du)(?: (?:mir|uns|mich|bitte|mal|"
        r"vielleicht|"
        r"eventuell))*(?: (?:sagen|geben|zeigen|erklären|schauen|nachschauen))?|"
        r"(?:kann|könnte|dürfte|darf|können) (?:ich|wir)(?: (?:bitte|mal|vielleicht|auch|noch))*|"
        r"(?:haben|wissen|bieten|nehmen) sie(?: (?:auch|noch|vielleicht|zufällig|eigentlich))*|"
        r"ich (?:wollte|möchte|würde gerne|würde gern|wollte mal|wollte nur) (?:fragen|wissen|"
        r"sagen)|"
        r"(?:es geht|es ging|es handelt sich|ich rufe an|ich melde mich)(?: (?:um|wegen|weil))?|"
        r"(?:das problem|die sache|die frage|meine frage|der grund)(?: ist)?|"
        r"(?:mein|meine|unsere|ihre|die|der)(?: \w+)? (?:name|nummer|\w+nummer|adresse|"
        r"geburtsdatum|postleitzahl)(?: (?:ist|lautet))|"
        r"(?:ich|wir) (?:müsste|müssten|sollte|sollten|könnte|könnten|muss|kann)"
        r"(?: (?:dann|halt|noch|mal|eben|jetzt|auch))+|"
        r"ich weiß nicht(?: genau)?(?: (?:wo|wann|wie|ob|was|wer|warum))|"
        r"(?:wenn|ob|dass|weil) (?:ich|sie|wir|er|man|das|es|die|der)"
        r")$|^(?:sie|er|es|wir|ich|der|die)$"
    ),
    first_halves=words("wenn falls weil obwohl nachdem bevor sobald solange als während damit"),
    clause_openers=_CLAUSE_OPENERS,
    modals=_MODALS - words("werden werde wird"),
    modal_objects=words(
        "mich mir dich dir ihn ihm uns den dem einen einem eine ein meinen meinem meine mein"
        " ihren ihrem ihre unseren unserem unsere diesen diesem"
    ),
    prepositions=_PREPOSITIONS,
    articles=_ARTICLES,
    question_starts=words(
        "was wer wen wem wo wann warum wieso weshalb wie wohin woher womit wofür welche welcher"
        " welches welchen haben hat ist sind kann können könnte könnten darf muss soll gibt wird"
        " geht kostet wissen hätten"
    ),
)
