"""Spanish. Pure."""

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

_AR = "o as a amos áis an é aste ó asteis aron aba abas ábamos aban aré arás ará aremos arán aría"
_AR += " aríamos arían e es emos en ar ando ado arme arle arlo arla arles arnos arse"
_ER = "o es e emos éis en í iste ió imos isteis ieron ía ías íamos ían eré erá eremos erán ería"
_ER += " eríamos erían a as amos an er iendo ido erme erle erlo erla erse"
_IR = "o es e imos ís en í iste ió isteis ieron ía ías íamos ían iré irá iremos irán iría"
_IR += " iríamos irían a as amos an ir iendo ido irme irle irlo irla irse"
_NOUNS_TOO = words(
    "duda dudas receta recetas vacuna fractura copia copias cocina mareo ingreso ingresos"
    " registro abono retraso retrasos contacto contactos regalo giro limpio traslado captura"
    " capturas guardia vacunas factura facturas reserva reservas consulta consultas pregunta"
    " preguntas ayuda cobro cobros pago pagos compra compras cambio cambios trabajo trabajos"
    " firma firmas entrega entregas marca marcas uso usos corte cortes viaje viajes programa"
    " programas agenda paso pasos contrato contratos estudio aviso recibo recibos ganas cuidado"
    " solicitud marco marcos intento olvido estado estados poder deber dado pedido pedidos hecho"
    " ido puesto visto acabado recibido juego entrada mejor descarga termino reclamo bloqueo"
    " depósito toma quedada mira vivienda"
)
_NO_VERBS = words("como entre nada sobre para")
_VERBS = Verbs(
    forms=(
        words(
            "soy eres es somos son era eran fue fueron fui sea sean sería sido ser siendo estoy"
            " estás está estamos están estaba estaban estuve estuvo esté estén estar estado he"
            " has ha hemos han había habían haya hay hubo habrá haber tengo tienes tiene tenemos"
            " tienen tenía tuve tuvo tendré tendría tenga tengan tener tenido puedo puedes puede"
            " podemos pueden podía pude pudo podré podrá podría podrían pueda puedan poder podido"
            " quiero quieres quiere queremos quieren quería queríamos quise quiso querría"
            " quisiera quisiéramos quiera querer voy vas va vamos van iba iban iré vaya ir ido"
            " vengo viene vienen venía vino vendrá venga venir venido hago haces hace hacemos"
            " hacen hacía hice hizo haré haría haga hacer hecho digo dice dicen decía dije dijo"
            " dijeron diré diga decir dicho sé sabe sabes sabemos saben sabía supe sepa saber doy"
            " da dan daba di dio dieron dará dé dar dado darme darle pongo pone ponen puse puso"
            " ponga poner puesto salgo sale salen salió salga salir salido veo ve ven vi vio vea"
            " ver visto oigo oye oír traigo trae traen trajo traer traído conozco conoce conocer"
            " pido pide piden pedí pidió pedir prefiero prefiere prefieren preferiría siento"
            " siente sienten sentí sentir entiendo entiende entender pierdo pierde perdí perdió"
            " perder perdido encuentro encuentra encuentran encontrar encontré duele duelen dolía"
            " doler cuesta cuestan costó vuelvo vuelve volver vuelto cierro cierra cierran cerrar"
            " cerró empieza empiezan empezar empezó pienso piensa pensar muevo mover sigo sigue"
            " siguen seguir recuerdo recuerda recordar elijo elegir consigo consigue conseguir"
            " roto abierto escrito juego suena suenan muestra repito repite repetir sirve sirven"
            " servir gustaría gusta gustan parece parecen importa llego llega llegan llegó"
            " llegado llegar"
        )
        | forms_of(
            "llam necesit habl esper pas dej tom mand envi cambi cancel confirm anul contrat"
            " instal recib pag compr reserv consult pregunt ayud cobr trabaj firm factur llev"
            " qued mir us explic apunt olvid termin intent funcion solicit actualiz activ bloque"
            " gan devuelv arregl repar entr marc deletre anot atend ingres deposit descarg conect"
            " cort parpade pit equivoc estrope llor gote suen fall dañ gir tard mont lav limpi"
            " cocin pint repit aparc alquil acept rechaz utiliz imprim escane copi borr guard"
            " conserv golpe quem cans enferm mare vomit respir sangr hinch pic lastim fractur"
            " oper vacun recet rellen present prepar adelant atras aplaz retras modific verific"
            " valid identific registr inscrib matricul abon retir transfer prest ahorr invert"
            " asegur desbloque reinici encend apag configur sincroniz vincul navreg naveg"
            " deshabilit habilit captur grab escuch grit habit mud traslad acompañ recomend"
            " aconsej invit celebr regal felicit perdon agradec lament preocup molest enfad alegr"
            " sorprend extrañ dud imagin supon señal indic inform comunic contact localiz"
            " particip acab busc mejor viaj estudi cuid bast avis reclam agend program averi",
            _AR,
        )
        | forms_of(
            "busqu pagu llegu explicu apliqu entregu marqu toqu saqu",
            "é e en emos",
        )
        | forms_of(
            "deb cre com vend respond aparec parec aprend ofrec mov romp met corr",
            _ER,
        )
        | forms_of(
            "viv recib abr escrib sub ocurr decid permit cumpl compart asist",
            _IR,
        )
    )
    - _NOUNS_TOO
    - _NO_VERBS,
    nouns_too=_NOUNS_TOO,
    subjects=words(
        "yo tú él ella usted nosotros ustedes ellos ellas me te se nos le les no que quien ya"
        " también lo"
    ),
    objects=words("el la los las un una unos unas mi mis su sus este esta esto eso lo"),
    longest_without=7,
    endings=("ando", "iendo", "amos", "aron", "ieron", "aría", "ería", "iría", "arme", "erme"),
    final_endings=("ar", "er", "ir", "ó", "aba", "aban", "ía", "ían", "an", "en"),
    others=words(
        "cuando ayer mujer alquiler día días mayor lugar hogar bar bien también cien orden examen"
        " policía tía avería garantía tranvía san tan pan plan comando bando ramos extramos"
        " gramos"
    ),
    implied_behind=words("me te se nos le les"),
    not_implied=words("y o de en con por para"),
)

_ONE_DIGIT = words("cero uno un una dos tres cuatro cinco seis siete ocho nueve")
_NUMBERS = Numbers(
    digits=dict.fromkeys(
        _ONE_DIGIT - words("un una")
        | words(
            "treinta cuarenta cincuenta sesenta setenta ochenta noventa doble triple cien ciento"
        ),
        1,
    )
    | dict.fromkeys(
        words(
            "diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte"
            " veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete"
            " veintiocho veintinueve"
        ),
        2,
    ),
    one_digit=_ONE_DIGIT - words("un una"),
    letter_names=words(
        "be ce ge pe efe hache jota ka ele eme ene eñe erre ese equis zeta zeda uve cu"
    ),
    joints=words("y"),
    letter_words=words("a e o u y"),
    spelled_as=words("de"),
    names=words(
        "número numero código codigo pin clave teléfono telefono móvil celular postal dni nie"
        " cédula pedido referencia tarjeta póliza cuenta expediente extensión contrato factura"
        " rut cliente"
    ),
    code_names=words("número código extensión"),
    leads=words("es el son"),
    counts=words("tengo tiene tenemos tienen hay son quedan exactamente"),
    whole=9,
)

_LISTENING = Listening(
    hums=HUMS | words("ajá aja eh ah oh ay uy em este"),
    hummed_assent=HUMMED_ASSENT | words("ajá aja"),
    assent=words(
        "sí si claro vale ok okay gracias bueno bien perfecto exacto correcto ya entiendo"
        " entendido genial estupendo fenomenal cierto ajá órale dale listo"
    ),
    phrases=phrases(
        "muchas gracias|muy bien|de acuerdo|está bien|ya veo|ya entiendo|lo entiendo|así es|"
        "por supuesto|claro que sí|eso es|qué bien|vale vale"
    ),
    takes_the_word=words(
        "no espera espere espérese para pare alto perdón perdone disculpe disculpa oiga oye hola"
        " pero momento qué persona agente operador operadora humano representante"
    )
    - words("para"),
)

_ASKING = Asking(
    number=any_of(
        r"números?|numero|dígitos|cifras|código|pin|clave|teléfono|móvil|celular|dni|nie|cédula|"
        r"fecha de nacimiento|deletre\w+|código postal|cuántos"
    ),
    spelled=any_of(r"deletre\w+|nacimiento|letras?"),
    yes_no=re.compile(
        r"(?:^|[,;:–—¿]\s*|\b(?:y|o|entonces|bien|vale|gracias|ahora)\b[,\s]+)¿?"
        r"(?:es|está|son|están|era|puedo|puede|podría|podemos|quiere|quieres|desea|desean|le|la|lo|"
        r"te|les|tiene|tienes|tienen|ha|han|hay|necesita|prefiere que|sabe|conoce|seguimos|va|"
        r"vamos|confirma|me confirma|me permite|todavía|sigue|estaría|le parece|recuerda|"
        r"dispone|vive|acepta)\b",
        re.IGNORECASE,
    ),
    tag=re.compile(
        r"\b(?:verdad|correcto|cierto|no|de acuerdo|vale|ok|sí|está bien|o no)\s*\?$", re.IGNORECASE
    ),
    open=any_of(
        r"¿?(?:qué|cuál|cuáles|quién|quiénes|dónde|adónde|cuándo|cómo|cuánto|cuánta|cuántos|"
        r"cuántas|"
        r"por qué|para qué|para cuándo|a qué|en qué|de qué|con quién|a quién|desde cuándo)"
    ),
    asks_to_say=any_of(
        r"diga|dígame|decirme|decir|me dice|dime|dar|darme|deme|indíqueme|indicarme|indique|"
        r"introduzca|marque|teclee|deletree|deletrear|repita|repetir|facilitar|facilíteme|"
        r"cuál es|necesito"
    ),
    asks_for=any_of(r"diga|dígame|dime|indíqueme|indique|elija|escoja|deletree|deme"),
    invites=any_of(r"ayudar\w*|puedo hacer por|atender\w*|se le ofrece|servir\w*|consulta"),
    or_=" o ",
    between=re.compile(","),
    or_not="no",
    leads_to_options=re.compile(
        r"^.*(?::|\b(?:prefiere|quiere|desea|por|para|con|diga|elija|entre|sea|es|en|a|le)\b)\s*",
        re.IGNORECASE,
    ),
    asks_to_choose=any_of("diga|elija|escoja|dígame|seleccione"),
    no_option=re.compile(
        r"^(?:es|son|puedo|puede|quiere|hay|yo|usted|tiene)\b|\b(?:algo|algún|otra cosa|si)\b"
    ),
    article=re.compile(r"^(?:por la|por el|el|la|los|las|un|una|su)\s+", re.IGNORECASE),
    yes_and_no=words("sí no"),
)

_ARTICLES = words("el la los las un una unos unas mi mis tu tus su sus nuestro nuestra")
_TRAILING = _ARTICLES | words(
    "y e o u ni pero porque pues sino aunque que si cuando mientras donde como cual cuyo a de del"
    " al en con por para sin sobre entre desde hasta hacia según contra durante ante bajo tras"
    " mediante me te se nos le les lo este esta estos estas ese esa esos esas cada algún alguna"
    " algunos algunas ningún otro otra otros otras cualquier todo toda todos todas soy es son era"
    " está están estoy estaba fue ha he han hemos había hay quiero quería quisiera necesito tengo"
    " tiene puedo puede podría busco llamo debo voy va muy más menos tan mejor también además"
    " entonces bueno eh em digamos llamado llamada respecto qué cuál quién cuándo cómo dónde"
    " cuánto cuánta yo él ella usted ustedes nosotros ellos"
)
_MAY_END = words(
    "este esta estos estas ese esa otro otra otros otras todo toda todos todas es son era está"
    " están estoy estaba fue hay tiene tengo puedo puede podría va voy más menos mejor también"
    " además qué cuál quién cuándo cómo dónde cuánto cuánta yo él ella usted ustedes nosotros"
    " ellos entonces lo"
)
_ENDS_STATEMENTS = words(
    "esta ese esa otro otra todo toda todos todas más menos mejor también yo él ella usted"
    " ustedes nosotros ellos entonces estos estas"
)

GRAMMAR = Grammar(
    verbs=_VERBS,
    numbers=_NUMBERS,
    listening=_LISTENING,
    asking=_ASKING,
    breaks_answers=_TRAILING - _ENDS_STATEMENTS,
    answers=words(
        "sí no claro exacto correcto vale ok okay perfecto bueno ajá efectivamente afirmativo"
        " ninguno ninguna nada"
    ),
    whole_answers=phrases(
        "si|si gracias|si por favor|claro que sí|claro que no|por supuesto|por supuesto que sí|"
        "desde luego|así es|eso es|de acuerdo|está bien|es correcto|todo correcto|muy bien|"
        "me parece bien|creo que sí|creo que no|nada más|todavía no|aún no|para nada|en absoluto|"
        "cómo no|quiero|tengo|sí quiero|no quiero|sí tengo|no tengo|me va bien|no hace falta|"
        "eso es todo|tampoco|dale|no sé|no lo sé"
    ),
    negators=words("no nada"),
    closings=phrases(
        "hola|buenas|buenos días|buenas tardes|buenas noches|adiós|hasta luego|chao|hasta pronto|"
        "hola buenos días|hola buenas tardes"
    ),
    finished_tails=tuple(
        phrases(
            "gracias|por favor|adiós|hasta luego|chao|eso es todo|nada más|es todo|"
            "eso sería todo|no sé|no lo sé|creo que sí|creo que no|me parece"
        )
    ),
    trailing=_TRAILING,
    may_end=_MAY_END,
    ends_statements=_ENDS_STATEMENTS,
    completed_by={
        "está": words("no ya así todavía bien dónde"),
        "están": words("no ya así"),
        "estoy": words("aquí no bien así"),
        "es": words("así no qué cuál quién eso cómo"),
        "puedo": words("no sí"),
        "puede": words("no sí"),
        "tengo": words("no sí lo la los las"),
        "tiene": words("no"),
        "hay": words("no qué lo"),
        "quiero": words("no sí lo la"),
        "necesito": words("lo la no que"),
        "este": words("es quiero prefiero para"),
        "esta": words("es quiero prefiero para"),
        "voy": words("ya no"),
        "va": words("me bien no"),
        "fue": words("eso así"),
    },
    lead_in=re.compile(
        r"(?:^| )(?:"
        r"(?:yo )?(?:quiero|quería|quisiera|necesito|necesitaba|queríamos|queremos|desearía|deseo)"
        r"(?: (?:saber|preguntar|pedir|hacer|hablar|consultar|decir))?|"
        r"(?:me|nos) gustaría(?: (?:saber|preguntar|pedir|hacer|hablar|consultar))?|"
        r"(?:estoy|estamos) (?:llamando|buscando|intentando|interesado|interesada|tratando)|"
        r"(?:le|les|te)? ?llam(?:o|aba|ábamos)|"
        r"(?:me |nos )?(?<!no )(?:puede|podría|puedes|podrías|pueden)(?: (?:decir|decirme|dar|"
        r"darme|"
        r"indicar|indicarme|explicar|pasar|pasarme|usted))?|"
        r"(?<!no )(?:puedo|podría|podemos)(?: (?:hablar|hacer|pedir|preguntar|cambiar|pagar|"
        r"tener))?|"
        r"(?:sabe|saben|tienen|tiene|hay) (?:si|usted|ustedes)|"
        r"(?:el problema|la cosa|lo que pasa|la pregunta|mi pregunta|el motivo|la razón)(?: es)?|"
        r"(?:es|lo que pasa es|el problema es|resulta|sucede|creo|dice|dijo|dijeron|espero) que|"
        r"(?:mi|su|el|la)(?: \w+)?(?: de \w+)? (?:número|nombre|apellido|dirección|teléfono|código|"
        r"correo|cuenta|cliente|pedido)(?: (?:es|es el|es la))|"
        r"no sé (?:dónde|cuándo|cómo|qué|quién|cuál|si|cuánto)|"
        r"me llamo|mi nombre es|soy|vivo en(?: la| el)?(?: calle| avenida)?|"
        r"(?:si|cuando|porque|que) (?:yo|usted|ustedes|me|no|él|ella)|"
        r"(?:o sea|es decir|por ejemplo|así que|ya que|pues|pues eh|digamos)|"
        r"tengo (?:que|un problema con|una duda con|una pregunta sobre)|"
        r"(?:se trata|es sobre|es acerca) ?(?:de)?"
        r")$|^(?:él|ella|ellos|ellas|yo|usted)$"
    ),
    first_halves=words("si cuando como aunque mientras porque"),
    clause_openers=words("si porque cuando aunque mientras que"),
    articles=_ARTICLES,
    question_starts=words(
        "qué cuál cuáles quién quiénes dónde cuándo cómo cuánto cuánta cuántos cuántas puedo"
        " puede podría pueden tienen tiene hay sabe saben"
    ),
    question_words=words(
        "qué cuál cuáles quién quiénes dónde adónde cuándo cómo cuánto cuánta cuántos cuántas"
    ),
)
