"""Portuguese, of Portugal and of Brazil. Pure."""

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

_AR = "o as a amos ais am ei aste ou aram ava avas ávamos avam arei ará aremos arão aria aríamos"
_AR += " ariam e es emos em ar ando ado armos arem"
_ER = "o es e emos em i este eu eram ia íamos iam erei erá eremos erão eria eriam a as amos am er"
_ER += " endo ido ermos erem"
_IR = "o es e imos em i iste iu iram ia íamos iam irei irá iremos irão iria iriam a as amos am ir"
_IR += " indo ido irmos irem"
_NOUNS_TOO = words(
    "receita receitas vacina fratura registo contato contatos roubo limpo cozinha passe fala"
    " consulta consultas fatura faturas reserva reservas pergunta perguntas ajuda cobrança"
    " pagamento compra compras troca trocas trabalho trabalhos entrega entregas marca marcas uso"
    " corte cortes viagem programa agenda passo contrato contratos estudo aviso envio recibo"
    " cuidado conta contas estado poder dever dado dados pedido pedidos feito ido posto recado"
    " falta chegada saída entrada conserto procura espera começo atraso gasto desconto depósito"
    " cadastro caso casos encomenda assinatura cancelamento toma visto mudança fila para como"
    " multa parcela parcelas"
)
_NO_VERBS = words("como entre nada sobre para segundo pelo pela conta cada caso sem quando")
_VERBS = Verbs(
    forms=(
        words(
            "sou és é somos são era eram fui foi foram seja sejam será seria sido ser sendo estou"
            " está estamos estão estava estavam estive esteve esteja estejam estar estado tô tá"
            " tenho tens tem temos têm tinha tinham tive teve tiveram terei terá teria tenha"
            " tenham ter tido hei há havia houve haver haja posso podes pode podemos podem podia"
            " pude pôde puder puderem poderia poderiam possa possam poder quero queres quer"
            " queremos querem queria queríamos quis quiser queira querer vou vais vai vamos vão"
            " ia iam irei vá ir indo venho vem vêm vinha vim veio vieram venha vir vindo faço faz"
            " fazem fazia fiz fez fizeram faça fazer feita fazendo digo diz dizem disse disseram"
            " dizia diga dizer dito sei sabe sabem sabemos sabia soube saiba saber dou dá dão"
            " dava dei deu deram dê dar ponho põe pôs ponha pôr saio sai saem saiu saía sair vejo"
            " vê veem vi viu veja ver vendo ouço ouve ouvir ouvi trago traz trouxe trazer peço"
            " pede pediu pedi pedir prefiro prefere prefiram preferia preferir sinto sente sentir"
            " perco perde perdi perdeu perder perdido consigo consegue conseguem consegui"
            " conseguiu conseguir conseguia dói doem doía leio lê ler li creio crê durmo dorme"
            " dormir sigo segue seguir repito repete repetir sirvo serve servem caiu cair caio"
            " gostaria gostaríamos gosta gosto desligo lembro lembra quebrou estragou"
        )
        | forms_of(
            "lig fal precis esper pass deix mand envi mud cancel confirm anul contrat instal pag"
            " compr reserv consult pergunt ajud cobr trabalh assin tom chamo cham lev fic olh us"
            " explic anot tent funcion solicit atualiz ativ bloque ganh arrum consert par entr"
            " marc test atend ingress deposit baix conect cort particip acab busc procur viaj"
            " estud cuid bast avis reclam agend program gost chegu cheg estrag quebr remarc"
            " desmarc adi transfer inform ach encontr mor demor encomend troc devolv começ termin"
            " lembr apag cadastr receb acontec pisc apit engan danific toss vomit sangr inch"
            " fratur oper vacin receit preench prepar apresent adiant atras antecip modific"
            " verific valid identific registr matricul abon retir emprest poup segur desbloque"
            " reinici deslig configur sincroniz naveg desabilit habilit grav escut grit habit"
            " acompanh recomend aconselh convid celebr felicit perdo agradec lament preocup"
            " incomod alegr duvid imagin sinaliz comunic contat localiz vaz ping queim esquent"
            " esfri limp lav cozinh pint estacion alug aceit recus imprim copi salv guard gast"
            " econom roub machuc sofr ensin aument diminu sub desc resolv acord almoç acess"
            " encerr faç regist",
            _AR,
        )
        | forms_of(
            "ligu chegu pagu marqu troqu bloque cheg expliqu fiqu",
            "ei e em emos",
        )
        | forms_of(
            "dev receb vend respond aparec aprend ofereç ofereci met corr com viv perd entend"
            " acontec devolv resolv conhec conheç pret parec nasc mex escrev atend",
            _ER,
        )
        | forms_of(
            "abr part decid permit cumpr assist exist sub divid transfer",
            _IR,
        )
    )
    - _NOUNS_TOO
    - _NO_VERBS,
    nouns_too=_NOUNS_TOO - _NO_VERBS,
    subjects=words(
        "eu tu ele ela você vocês nós eles elas me te se nos lhe lhes não quem já também"
    ),
    objects=words("o a os as um uma uns umas meu minha meus minhas seu sua este esta isso isto"),
    longest_without=7,
    endings=("ando", "endo", "indo", "amos", "aram", "eram", "aria", "eria", "iria", "ou", "armos"),
    final_endings=("ar", "er", "ir", "ou", "eu", "iu", "ava", "ia", "iam", "am", "em", "ei"),
    others=words(
        "quando mulher qualquer lugar hotel celular ou meu seu teu eu sem bem também cem alguém"
        " ninguém viagem ordem dia dias avaria garantia telefonia segunda-feira bando sou quem"
        " nem mensagem imagem família secretaria padaria terça-feira ramos particular auxiliar"
        " andar jantar primeiro sexta-feira dali gramos extraordinária bacteria cadeia"
    ),
    implied_behind=words("me te lhe eu você vocês ele ela eles elas nós"),
    not_implied=words("e ou de em com por para do da também mesmo mesma"),
)

_ONE_DIGIT = words("zero um uma dois duas três quatro cinco seis meia sete oito nove")
_NUMBERS = Numbers(
    digits=dict.fromkeys(
        (_ONE_DIGIT - words("uma"))
        | words("trinta quarenta cinquenta sessenta setenta oitenta noventa duplo cem cento vinte"),
        1,
    )
    | dict.fromkeys(
        words(
            "dez onze doze treze catorze quatorze quinze dezesseis dezasseis dezessete dezassete"
            " dezoito dezenove dezanove"
        ),
        2,
    ),
    one_digit=_ONE_DIGIT - words("uma"),
    joints=words("e"),
    letter_words=words("a e o é à"),
    spelled_as=words("de"),
    names=words(
        "número numero código pin senha telefone telemóvel celular contato contacto postal cep"
        " cpf nif rg pedido referência cartão apólice conta processo ramal contrato fatura"
        " cliente protocolo encomenda matrícula"
    ),
    code_names=words("número código ramal cep cpf nif protocolo"),
    leads=words("é o são"),
    counts=words("tenho tem temos há são faltam exatamente"),
    whole=9,
)

_LISTENING = Listening(
    hums=HUMS | words("ahã aham uhum ah oh eh hã ãh né ué"),
    hummed_assent=HUMMED_ASSENT | words("ahã aham uhum"),
    assent=words(
        "sim claro ok okay tá certo bom boa bem obrigado obrigada perfeito exato exatamente isso"
        " beleza legal entendi entendido compreendo correto ótimo já pois está fixe show valeu"
    ),
    phrases=phrases(
        "muito obrigado|muito obrigada|tudo bem|está bem|tá bom|tá bem|está bom|pois é|é isso|"
        "isso mesmo|com certeza|muito bem|já entendi|sei sei|de acordo|pode falar"
    ),
    takes_the_word=words(
        "não espera espere para pare alto desculpe desculpa perdão oi olá alô mas peraí momento"
        " quê atendente operador operadora pessoa humano agente"
    )
    - words("para"),
)

_ASKING = Asking(
    number=any_of(
        r"números?|dígitos|algarismos|código|pin|senha|telefone|telemóvel|celular|cep|cpf|nif|"
        r"data de nascimento|soletr\w+|protocolo"
    ),
    spelled=any_of(r"soletr\w+|nascimento|letras?"),
    yes_no=re.compile(
        r"(?:^|[,;:–—]\s*|\b(?:e|ou|então|bem|ok|obrigad[oa]|agora|certo)\b[,\s]+)"
        r"(?:é|está|são|estão|era|posso|pode|poderia|podemos|quer|querem|queria|deseja|gostaria|"
        r"tem|têm|há|precisa|prefere que|sabe|conhece|confirma|vai|vamos|ainda|já|"
        r"(?:o senhor|a senhora|você|vocês) (?:quer|tem|deseja|gostaria|pode|confirma|precisa|"
        r"sabe|já|ainda|mora|prefere que|está|é)|este é|esse é|isso está|serve)\b",
        re.IGNORECASE,
    ),
    tag=re.compile(
        r"\b(?:certo|correto|não é|né|está bem|tá bom|tudo bem|ok|sim|verdade|ou não|"
        r"pode ser)\s*\?$",
        re.IGNORECASE,
    ),
    open=any_of(
        r"(?:a |de |em |para |por |com |o )?(?:que|quê|qual|quais|quem|onde|aonde|quando|como|"
        r"quanto|quanta|quantos|quantas)"
    ),
    asks_to_say=any_of(
        r"diga|dizer|diz|me diga|dar|dê|me dê|indique|indicar|informe|informar|digite|marque|"
        r"introduza|soletre|soletrar|repita|repetir|qual é|qual o|preciso"
    ),
    asks_for=any_of(r"diga|diga-me|indique|informe|escolha|soletre|dê"),
    invites=any_of(r"ajudar\w*|posso fazer por|atender\w*|ser útil|precisa hoje|auxiliar"),
    or_=" ou ",
    between=re.compile(","),
    or_not="não",
    leads_to_options=re.compile(
        r"^.*(?::|\b(?:prefere|quer|deseja|por|para|com|diga|escolha|entre|seja|é|em)\b)\s*",
        re.IGNORECASE,
    ),
    asks_to_choose=any_of("diga|escolha|selecione|indique"),
    no_option=re.compile(
        r"^(?:é|são|posso|pode|quer|há|eu|você|tem)\b|\b(?:algo|alguma|outra coisa|se)\b"
    ),
    article=re.compile(r"^(?:o|a|os|as|um|uma|de|à|seu|sua)\s+", re.IGNORECASE),
    yes_and_no=words("sim não"),
)

_ARTICLES = words(
    "o a os as um uma uns umas meu minha meus minhas seu sua seus suas nosso nossa teu tua"
)
_TRAILING = _ARTICLES | words(
    "e ou nem mas porque pois porém que se quando enquanto onde como embora caso já-que de do da"
    " dos das em no na nos nas num numa com por pelo pela pelos pelas para pra pro sem sobre"
    " entre desde até contra durante ante sob após perante ao aos à às dum duma me te lhe lhes"
    " este esta estes estas esse essa esses essas aquele aquela cada algum alguma alguns algumas"
    " outro outra outros outras qualquer todo toda todos todas sou é são era está estão estou"
    " estava foi tenho tem há quero queria gostaria preciso posso pode poderia procuro devo vou"
    " vai muito mais menos tão melhor também além então hã ãh eh hum chamado chamada qual quais"
    " quem quanto quanta eu ele ela você vocês nós eles"
)
_MAY_END = words(
    "este esta estes estas esse essa aquele aquela outro outra outros outras todo toda todos"
    " todas é são era está estão estou foi tem há posso pode vou vai mais menos melhor também"
    " muito onde qual quais quem quanto quanta quando como que por eu ele ela você vocês nós eles"
    " então"
)
_ENDS_STATEMENTS = words(
    "este esta esse essa outro outra todo toda todos todas mais menos melhor também muito eu ele"
    " ela você vocês nós eles"
)

GRAMMAR = Grammar(
    verbs=_VERBS,
    numbers=_NUMBERS,
    listening=_LISTENING,
    asking=_ASKING,
    breaks_answers=_TRAILING - _ENDS_STATEMENTS,
    answers=words(
        "sim não claro exato exatamente certo correto isso ok okay perfeito ahã aham uhum pois"
        " positivo nenhum nenhuma nada"
    ),
    whole_answers=phrases(
        "com certeza|claro que sim|claro que não|tudo bem|está bem|está certo|está correto|"
        "tá bom|tá|isso mesmo|é isso|é isso mesmo|pode ser|pode|pode sim|quero|quero sim|"
        "não quero|tenho|tenho sim|não tenho|é|é sim|não é|foi|posso|posso sim|gostaria|"
        "gostaria sim|tem|tem sim|não tem|ainda não|acho que sim|acho que não|pois é|só isso|"
        "mais nada|de jeito nenhum|não precisa|preciso|preciso sim|sei|sei sim|não sei|de acordo|"
        "beleza|está ótimo|seria ótimo"
    ),
    negators=words("não nada"),
    closings=phrases(
        "olá|oi|alô|bom dia|boa tarde|boa noite|tchau|adeus|até logo|até mais|oi bom dia|"
        "olá bom dia|oi boa tarde|olá boa tarde"
    ),
    finished_tails=tuple(
        phrases(
            "obrigado|obrigada|por favor|tchau|adeus|até logo|é só isso|era só isso|é tudo|"
            "mais nada|só isso|não sei|acho que sim|acho que não|se faz favor|faz favor"
        )
    ),
    trailing=_TRAILING,
    may_end=_MAY_END,
    ends_statements=_ENDS_STATEMENTS,
    completed_by={
        "está": words("não já assim ainda bem onde como"),
        "estão": words("não já assim"),
        "estou": words("não aqui assim"),
        "é": words("não assim como qual quem isso"),
        "posso": words("não sim"),
        "pode": words("não sim"),
        "tenho": words("não sim"),
        "tem": words("não sim"),
        "quero": words("não sim"),
        "preciso": words("não sim que"),
        "vou": words("já não"),
        "vai": words("já não"),
        "foi": words("isso assim"),
        "há": words("não"),
    },
    lead_in=re.compile(
        r"(?:^| )(?:"
        r"(?:eu )?(?:quero|queria|gostaria|gostava|preciso|precisava|queríamos|desejo|desejava)"
        r"(?: (?:de|que|saber|perguntar|pedir|fazer|falar|consultar|dizer))*|"
        r"(?:estou|estamos|tô)(?: a)? (?:ligando|ligar|procurando|procurar|tentando|tentar|"
        r"interessado|interessada|precisando)|"
        r"(?:eu )?(?:ligo|liguei|procuro)|"
        r"(?:você |o senhor |a senhora |vocês )?(?:me |nos )?(?<!não )(?:pode|poderia|podem|podia|"
        r"consegue)"
        r"(?: (?:me|nos|dizer|dizer-me|dar|dar-me|informar|indicar|explicar|passar))*|"
        r"(?<!não )(?:posso|poderia|podia|podemos)(?: (?:falar|fazer|pedir|perguntar|mudar|pagar|"
        r"ter))?|"
        r"(?:sabe|sabem|têm|tem) (?:se|você|vocês)|"
        r"(?:o problema|a questão|o que acontece|a pergunta|a minha pergunta|minha pergunta|"
        r"o motivo|"
        r"a minha dúvida|minha dúvida)(?: é)?|"
        r"(?:é|acontece|acho|disse|disseram|espero|parece|creio) que|"
        r"(?:o |a )?(?:meu|minha|seu|sua|nosso)(?: \w+)?(?: de \w+)? (?:número|nome|sobrenome|"
        r"apelido|"
        r"endereço|morada|telefone|código|email|conta|cliente|cpf|cep|nif)(?: (?:é|é o|é a))|"
        r"não sei (?:onde|quando|como|qual|quem|se|o que|quanto)|"
        r"(?:eu )?me chamo|chamo-me|(?:meu|o meu) nome é|sou (?:o|a)|(?:eu )?moro (?:na|no|em)"
        r"(?: rua| avenida)?|"
        r"(?:se|quando|porque|que) (?:eu|você|vocês|me|não|ele|ela|o senhor|a senhora)|"
        r"(?:ou seja|quer dizer|por exemplo|já que|então|então hã|tipo|por causa)|"
        r"tenho (?:que|de|um problema com|uma dúvida sobre)|"
        r"(?:trata-se|é sobre|é acerca|é a respeito)(?: de)?"
        r")$|^(?:ele|ela|eles|elas|eu|você)$"
    ),
    first_halves=words("se quando como embora enquanto porque caso"),
    clause_openers=words("se porque quando embora enquanto que"),
    articles=_ARTICLES,
    question_starts=words(
        "qual quais quem onde quando quanto quanta quantos quantas posso pode poderia podem têm"
        " tem sabe sabem há aceitam"
    )
    - words("quando"),
    questions=re.compile(
        r"(?:e )?(?:quando|como|onde) (?:é que|vocês|você|posso|podem|vai|vão|vem|abrem?|fecham?)\b"
    ),
    question_words=words("qual quais quanto quanta quantos quantas onde aonde"),
    question_ends=words("né"),
)
