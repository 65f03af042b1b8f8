"""French. Pure."""

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


def _bases(word: str) -> tuple[str, ...]:
    """`word` without what is elided in front or turned behind: "j'appelle", "avez-vous"."""
    bare = word.rpartition("'")[2]
    return (bare, bare if bare == "rendez-vous" else bare.partition("-")[0])


_ER = "e es ons ez ent er é ée és ées ais ait ions iez aient erai era erons erez eront erais erait"
_ER += " eriez eraient ant"
_RE = "s - ons ez ent re u ue us ues ais ait iez aient rai ra rons rez ront rais rait riez"
_IR = "is it issons issez issent ir i ie issais issait irai ira irons irez iront irais irait"
_NOUNS_TOO = words(
    "identifiant téléphone fuite fuites copie montant garde grippe coupe coupons blessé retardé"
    " demande demandes réserve commande commandes appel marche change compte comptes facture"
    " factures paie paye note adresse adresses colis livre passe passé porte poste postes cherche"
    " réponse aide montre offre offres entrée arrivée durée journée soirée visite contrôle manque"
    " tarif employé employée envoi point suite prise place places date dates titre fait été avis"
    " mois fois dois bois reçu retard retards vente carte ouvert ouverte signe rappel bloc"
    " pouvoir devoir avoir savoir dîner déjeuner livré commandé prix suis-je annule consulte"
    " réparation question questions station stations maison maisons raisons"
)
_VERBS = Verbs(
    forms=frozenset(),
    bases=_bases,
    stems=(
        words(
            "suis es est sommes êtes sont étais était étaient serai sera seront serait serais"
            " soit sois soyez être étant ai as a avons avez ont avais avait avaient aurai aura"
            " auront aurais aurait auriez ait aie avoir eu vais vas va allons allez vont allais"
            " allait irai ira irait aille aller allé allée fais faisons faites font faisais"
            " faisait ferai fera ferait feriez fasse faire peux peut pouvons pouvez peuvent"
            " pouvais pouvait pourrai pourra pourrait pourrais pourriez puis puisse pu veux veut"
            " voulons voulez veulent voulais voulait voudrais voudrait voudriez vouloir voulu"
            " sais sait savons savez savent savais savait saurai su doit devons devez doivent"
            " devais devait devrai devra devrait devrais dû faut faudrait fallait viens vient"
            " venons venez viennent venais venait viendrai viendra venir venu venue tiens tient"
            " tenez prends prend prenons prenez prennent prendre pris prise prendrai dis dit"
            " disons dites disent disait dire mets met mettez mettent mettre mis vois voit voyons"
            " voyez voient voir vu reçois reçoit recevez reçoivent recevoir reçue connais connaît"
            " connait connaissez connaître écris écrit écrire lis lit lire ouvre ouvrez ouvrent"
            " ouvrir ouvrait sors sort sortir pars part partir parti dors dormir sers sert servir"
            " crois croit croyez croire envoie envoies envoient envoyer envoyé envoyez essaie"
            " essaye essayer essayé appelle appelles appellent appeler appelé appelez rappelle"
            " rappelez rappeler rappelé rappellerai paye payez payer payé achète acheter acheté"
            " jette répète répéter préfère préfères préférez préférer préférerais espère espérer"
            " vends vendre plaît plait suffit convient conviendrait conviennent marchait arrête"
            " arrêter tombe tombé perdu perds perd perdre attends attend attendez attendre"
            " attendu entends entend entendez entendre entendu réponds répond répondre répondu"
            " rends rendre rendu descends obtenir obtenu reviens revenir revenu ouvrirez offert"
            " permet permettez promis compris comprends comprend comprenez comprendre inscrit"
            " inscrire bouge emménage déménage coûte coûtent coûter fonctionne fonctionnent"
            " marchent c'est s'agit voudrions aimerais aimerait aimerions"
        )
        | forms_of(
            "cherch parl arriv trouv pens aim donn demand pass rest laiss annul confirm command"
            " chang réserv habit travaill utilis explic expliqu rembours téléphon appel livr"
            " factur pay oubli modifi vérifi résili souscri signal annonc contact indiqu souhait"
            " désir rencontr not cliqu connect bloqu branch débranch répar install port fermé"
            " ferm regard écout jou mang renseign transfér rappel prolong commenc termin cass rat"
            " gagn quitt consult montr clignot sonn gripp grinc brûl fuit coul goutt chauff"
            " refroidi tomb casse abîm détériorer trich tromp lav nettoy cuisin peign lou accept"
            " refus imprim copi effac gard sauvegard tous vomi saign gonfl piqu fractur opér"
            " vaccin prescri rempli prépar présent avanc retard repouss décal valid identifi"
            " enregistr inscri vers retir prêt épargn assur débloqu redémarr allum éteign"
            " configur synchronis navigu désactiv activ grav cri déménag emménag accompagn"
            " recommand conseill invit fêt félicit remerci regrett inquièt inquiét dérang énerv"
            " étonn dout imagin communiqu localis particip fum march dépens économis vol agress"
            " bless soign souffr étudi enseign apprécier amélior augment diminu baiss mont"
            " descend échang vend coup coupl voyag repass rentr tent charg recharg report dépos"
            " vir prélev résilié inform trait",
            _ER,
        )
        | forms_of(
            "attend entend répond vend perd rend descend",
            _RE,
        )
        | forms_of(
            "fin chois réuss rempl garant avert bén fourn rétabl",
            _IR,
        )
    )
    - _NOUNS_TOO,
    nouns_too=_NOUNS_TOO,
    subjects=words("je j tu il elle on nous vous ils elles qui ne me te se y en lui leur ça"),
    objects=words("le la les un une des mon ma mes votre vos son sa ses ce cette cet ces du"),
    longest_without=7,
    endings=("erais", "erait", "eriez", "erez", "issez", "issent", "aient"),
    final_endings=("er", "ez", "é", "ée", "és", "ir", "ait", "ais", "u", "ent", "ons"),
    others=words(
        "chez assez nez janvier février dernier premier hier hiver cher papier quartier atelier"
        " mer loisir plaisir désir avenir jamais mais palais anglais français japonais portugais"
        " moment appartement seulement rendez-vous comment événement abonnement paiement vraiment"
        " justement documents clients régulièrement également du au eau bureau nouveau cadeau"
        " numéro côté café année santé société beauté clé maisons questions courrier dossier lieu"
        " jeu peu"
    ),
    implied_behind=words("je tu il elle on ils elles nous vous me te se qui ne"),
    not_implied=words("et ou de deux à aussi même pour avec"),
)

_ONE_DIGIT = words("zéro un deux trois quatre cinq six sept huit neuf")
_TEENS = words("dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf")
_BELOW_TWENTY = " ".join(f"-{one}" for one in sorted((_ONE_DIGIT - {"zéro"}) | _TEENS))
_TENS = words(
    "vingt trente quarante cinquante soixante septante huitante nonante quatre-vingt quatre-vingts"
)
_NUMBERS = Numbers(
    digits=dict.fromkeys(_ONE_DIGIT | words("une"), 1)
    | dict.fromkeys(
        _TEENS | _TENS | {f"{tens}{rest}" for tens in _TENS for rest in _BELOW_TWENTY.split()}, 2
    )
    | dict.fromkeys(words("cent double triple"), 1),
    one_digit=_ONE_DIGIT,
    joints=words("et"),
    letter_words=words("a à y"),
    spelled_as=words("comme"),
    names=words(
        "numéro numero code pin téléphone portable mobile postal client commande dossier contrat"
        " carte référence siret adhérent compte poste identifiant facture sécurité"
    ),
    code_names=words("numéro code poste référence"),
    leads=words("est c'est le"),
    counts=words("j'ai avons ai a reste restent sont exactement"),
    whole=10,
)

_LISTENING = Listening(
    hums=HUMS | words("hum euh heu ah oh hein ben bah eh aha"),
    hummed_assent=HUMMED_ASSENT | words("aha"),
    assent=words(
        "oui ouais ok okay d'accord bien merci voilà parfait très super exact exactement entendu"
        " compris bon génial absolument effectivement certes"
    ),
    phrases=phrases(
        "merci beaucoup|très bien|je vois|je comprends|ça marche|ça va|c'est bon|tout à fait|"
        "bien sûr|c'est ça|pas de problème|ah bon|ah d'accord|c'est noté|allez-y"
    ),
    takes_the_word=words(
        "non attendez attends arrêtez arrête stop pardon excusez excusez-moi allô bonjour mais"
        " quoi comment conseiller conseillère opérateur personne humain agent moment"
    ),
)

_ASKING = Asking(
    number=any_of(
        r"numéros?|chiffres?|code|pin|téléphone|code postal|date de naissance|épel\w+|"
        r"combien de personnes"
    ),
    spelled=any_of(r"épel\w+|naissance|lettres?"),
    yes_no=re.compile(
        r"(?:^|[,;:–—]\s*|\b(?:et|ou|alors|donc|bien|d'accord|merci|maintenant)\b[,\s]+)"
        r"(?:est-ce que|est-ce qu'|est-ce|voulez-vous|souhaitez-vous|désirez-vous|puis-je|"
        r"pouvez-vous|pourriez-vous|pouvons-nous|avez-vous|êtes-vous|aimeriez-vous|dois-je|"
        r"voudriez-vous|acceptez-vous|préférez-vous que|connaissez-vous|savez-vous|confirmez-vous|"
        r"vous êtes|vous avez|vous souhaitez|vous voulez|vous confirmez|c'est bien|c'est|ça va|"
        r"ça vous convient|cela vous convient|y a-t-il|est-il|est-elle|faut-il|habitez-vous|"
        r"je peux|on peut)",
        re.IGNORECASE,
    ),
    tag=re.compile(
        r"(?:\bn'est-ce pas|\bc'est (?:bien )?(?:ça|cela|exact|correct)|\bcorrect|\bexact|"
        r"\bd'accord|\bok|\boui|\bou non|\bou pas|\bnon)\s*\?$",
        re.IGNORECASE,
    ),
    open=any_of(
        r"(?:à |de |pour |en |avec |chez )?(?:qui|quoi|quels?|quelles?|où|quand|comment|combien|"
        r"pourquoi|lequel|laquelle|qu'est-ce que|qu'est-ce qui|que)"
    ),
    asks_to_say=any_of(
        r"dites|dire|donnez|donner|donnez-moi|indiquez|indiquer|composez|tapez|saisissez|épelez|"
        r"épeler|répétez|répéter|quel est|quelle est|communiquer|préciser|j'ai besoin"
    ),
    asks_for=any_of(r"dites|dites-moi|donnez|donnez-moi|indiquez|choisissez|épelez"),
    invites=any_of(
        r"aider|puis-je faire|faire pour vous|être utile|souhaitez-vous faire|renseigner"
    ),
    or_=" ou ",
    between=re.compile(","),
    or_not="non",
    leads_to_options=re.compile(
        r"^.*(?::|\b(?:préférez|préférez-vous|voulez|voulez-vous|souhaitez-vous|pour|entre|dites|"
        r"choisissez|plutôt|est|c'est)\b)\s*",
        re.IGNORECASE,
    ),
    asks_to_choose=any_of("dites|choisissez|sélectionnez"),
    no_option=re.compile(
        r"^(?:est-ce|c'est|je|vous|puis-je|il|y)\b|\b(?:autre chose|quelque chose|si)\b"
    ),
    article=re.compile(r"^(?:le |la |les |un |une |l'|votre )\s*", re.IGNORECASE),
    yes_and_no=words("oui non"),
)

_ARTICLES = words(
    "le la les l un une des du mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce"
    " cette cet ces"
)
_TRAILING = _ARTICLES | words(
    "et ou où mais donc or ni car parce puisque que qu si quand lorsque lorsqu comme dont"
    " parce-que afin pendant depuis dès jusqu jusque à a de d en dans sur sous pour par avec sans"
    " chez vers entre contre avant après selon au aux je j tu il elle on nous vous ils elles me m"
    " te t se s ne n y lui suis es est sommes êtes sont étais était ai as avons avez ont avais"
    " avait c'est c j'ai n'ai n'est qu'il qu'elle qu'on qu'ils vais va peux peut pouvez voudrais"
    " veux veut dois doit faut aimerais devrais devrait pourrais cherche j'appelle j'aimerais"
    " très plus moins trop aussi alors euh heu ben bah enfin voilà quel quelle quels quelles"
    " chaque plusieurs quelques tout toute toutes appelé appelée concernant puis déjà"
)
_MAY_END = words(
    "avant après avec sans pour contre depuis plus moins aussi alors tout toute toutes déjà il"
    " elle on nous vous ils elles lui est suis sont avez peut va vais où quand que faut veux peux"
    " dois doit donc voilà"
)
_ENDS_STATEMENTS = words("avant après aussi plus moins déjà lui elle elles voilà alors toutes")

GRAMMAR = Grammar(
    verbs=_VERBS,
    numbers=_NUMBERS,
    listening=_LISTENING,
    asking=_ASKING,
    breaks_answers=(_TRAILING - _ENDS_STATEMENTS) | words("fait"),
    answers=words(
        "oui ouais non si exact exactement correct absolument effectivement parfait d'accord ok"
        " okay volontiers voilà aucun aucune"
    ),
    whole_answers=phrases(
        "tout à fait|bien sûr|bien sûr que oui|c'est ça|c'est cela|c'est exact|c'est correct|"
        "c'est bien ça|pas du tout|pas encore|pas vraiment|je veux bien|avec plaisir|ça marche|"
        "ça me va|ça me convient|très bien|en effet|je ne sais pas|je sais pas|pourquoi pas|"
        "pas la peine|ce sera tout|c'est tout|rien d'autre|jamais"
    ),
    closings=phrases(
        "bonjour|bonsoir|allô|salut|au revoir|bonne journée|bonne soirée|à bientôt|"
        "bonjour madame|bonjour monsieur"
    ),
    finished_tails=tuple(
        phrases(
            "merci|merci beaucoup|s'il vous plaît|s'il te plaît|s'il vous plait|svp|au revoir|"
            "c'est tout|ce sera tout|rien d'autre|je ne sais pas|je sais pas|je crois|je pense|"
            "bonne journée|bonne soirée|bonne journée à vous"
        )
    ),
    trailing=_TRAILING,
    may_end=_MAY_END,
    ends_statements=_ENDS_STATEMENTS,
    completed_by={
        "vous": words("pour chez avec à de et sur remercie prie rappelle merci"),
        "nous": words("pour chez avec à de entre"),
        "tout": words("c'est sera pas est du en dit après"),
        "va": words("ça comme"),
        "peux": words("ne n pas"),
        "veux": words("ne n que je"),
        "est": words("où comme il"),
        "faut": words("qu'il comme s'il"),
        "dois": words("que"),
    },
    lead_in=re.compile(
        r"(?:^| )(?:"
        r"(?:je|j'|on|nous) ?(?:voudrais|voulais|veux|souhaite|souhaiterais|souhaitais|aimerais|"
        r"voudrait|voulait|cherche|dois|vais|peux|pense|crois|appelle|vous appelle|viens)"
        r"(?: (?:savoir|demander|parler|prendre|faire|juste|bien|vous dire|vous demander|de))*|"
        r"(?:j'aimerais|j'appelle|j'ai besoin|j'ai un problème|j'essaie|j'essaye|j'habite|"
        r"je m'appelle|je suis|je cherche à|je n'arrive pas|j'arrive pas|il me faut|il faut)"
        r"(?: (?:savoir|de|d'|pour|avec|à|bien))*|"
        r"(?:est-ce que|est-ce qu'|est-ce)(?: (?:je|j'|vous|on|c'est|il|elle|ça|tu|nous))?"
        r"(?: (?:peux|pouvez|pourriez|pourrais|peut|avez|êtes|serait))?"
        r"(?: (?:me|nous|vous|parler|avoir|prendre|dire|faire|changer))*|"
        r"(?:pouvez|pourriez|pourrais|peux|auriez|avez|savez)[- ](?:vous|tu)"
        r"(?: (?:me|m'|nous|dire|donner|indiquer|expliquer|passer))*|"
        r"(?:puis-je|pourrais-je|je pourrais|je peux)(?: (?:avoir|parler|vous|prendre))*|"
        r"(?:le problème|la question|ma question|la raison|le souci)(?: (?:est|c'est))?|"
        r"(?:c'est|il y a|je crois|je pense|j'espère|il faut|parce|alors|sauf) (?:que|qu|qu')|"
        r"(?:si|que|quand|parce que) (?:je|j'|vous|on|il|elle|nous|ça|tu|c'est)|"
        r"(?:mon|ma|votre|le|la)(?: \w+)?(?: de \w+)? (?:numéro|nom|prénom|adresse|code|client|"
        r"téléphone|dossier)(?: (?:est|c'est|est le|c'est le|c'est la))|"
        r"(?:en fait|du coup|c'est-à-dire|par exemple|ben|ben du coup|à cause)|"
        r"(?:c'est|je vous appelle|j'appelle|c'était)(?: (?:pour|au sujet|à propos))"
        r")$|^(?:il|elle|ils|elles|on|je|vous)$"
    ),
    first_halves=words("si quand lorsque comme puisque"),
    clause_openers=words("si quand lorsque que puisque"),
    articles=_ARTICLES,
    question_starts=words(
        "est-ce qui que qu'est-ce quel quelle quels quelles où quand comment combien pourquoi"
        " avez-vous pouvez-vous pourriez-vous puis-je êtes-vous peut-on y-a-t-il acceptez-vous"
    )
    - words("quand"),
    questions=re.compile(r"(?:quand|où|comment|combien) (?:est-ce|vous|puis-je|peut-on|on)\b"),
    question_words=words("quel quelle quels quelles combien est-ce qu'est-ce pourquoi"),
)
