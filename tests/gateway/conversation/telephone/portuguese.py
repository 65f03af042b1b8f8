"""What Portuguese and Brazilian callers say."""

LANGUAGE = "pt"

FIRST = """
Queria marcar uma consulta. | statement
queria marcar uma consulta | open
Queria | unfinished
gostaria de marcar uma | unfinished
Estou a ligar por causa da | unfinished
Estou ligando sobre a fatura do mês passado. | statement
estou ligando porque | unfinished
Preciso mudar o meu | unfinished
A que horas vocês abrem? | complete
a que horas vocês abrem | open
Ainda não recebi a encomenda. | statement
Estou com dor nas costas. | statement
Queria saber se | unfinished
queria saber se amanhã | unfinished
Queria saber se vocês abrem amanhã. | statement
Você pode me dizer | unfinished
O que eu queria saber é que | unfinished
Sim. | answer | Está correto?
não obrigado | answer | Posso ajudar em mais alguma coisa?
sim mas | unfinished | Quer que eu ligue mais tarde?
A minha consulta. | fragment
Uma mesa para dois. | fragment
Na terça. | statement open | Que dia prefere?
nove um dois | number | Qual é o seu número de telefone?
O meu número de cliente é o quatro sete. | number
O meu número é | unfinished
nove um dois trinta e quatro cinquenta e seis setenta e oito | open | Qual é o seu telefone?
é que | unfinished
Tenho uma dúvida. | open
Se eu não puder ir na segunda, | unfinished
Muito obrigada. | complete
"""

HELD_BACK = """
Bom dia, eu gostaria | unfinished
bom dia eu gostaria de fazer uma reserva para duas pessoas | open
Estou procurando | unfinished
Meu nome é Beatriz Carvalho. | statement
eu me chamo | unfinished
O técnico ainda não chegou. | statement
Quando tento entrar no site, | unfinished
não consigo entrar na | unfinished
Quanto custa? | complete
Vocês têm horário na sexta? | complete
Isso mesmo. | answer | O senhor quer vir na sexta, certo?
sim por favor | answer | Quer falar com um atendente?
Não, é que | unfinished | Este é o seu número?
A reserva de sábado. | fragment
De manhã. | statement open | Prefere de manhã ou à tarde?
zero um três | number | Diga o seu CEP, por favor.
S I L | number | Pode soletrar o seu sobrenome?
Preciso cancelar a consulta que tenho com o | unfinished
Perdi o cartão ontem. | statement
é para o meu filho | open
É para | unfinished
Moro na rua | unfinished
O problema é que | unfinished
É só isso, obrigado. | complete
Posso falar com | unfinished
A máquina quebrou de novo. | statement
tenho sim | answer | Você tem o número do pedido?
então hã | unfinished
"""

LATER = """
A minha internet não funciona desde ontem. | statement
meu chuveiro parou de esquentar | open
A televisão pisca o tempo todo. | statement
Eu me enganei ao preencher o formulário. | statement
minha filha está com dor de ouvido | open
Dá para passar para a semana que vem? | complete
Tenho que remarcar a minha | unfinished
É por causa da minha mãe, ela | unfinished
Não sei onde | unfinished
estou aqui em frente ao | unfinished
Um quarto duplo com café da manhã. | fragment
Duas crianças. | fragment
na próxima quinta de manhã | fragment
No catorze. | number | Em que número mora?
Por mim tudo bem. | answer complete statement | Terça às dez está bem?
Quer dizer que eu teria que | unfinished
E aí o seu colega me disse que | unfinished
oito três três | number | Qual é o número do protocolo?
Nós moramos no terceiro andar sem elevador. | statement
quando é que o técnico vem | open
"""

WHOLE = """
A impressora não imprime.
Estamos sem luz.
Aparece sempre um erro.
Foi o meu marido que fez isso.
Vocês me ligaram ontem.
Queria falar com alguém.
Não sei dizer.
Estou doente há três semanas.
Vou me mudar no mês que vem.
Ninguém atende.
Quero uma consulta.
Na segunda eu não posso.
Não recebi a fatura.
É sobre o meu contrato.
Estou com dor no joelho.
Preciso de ajuda.
O aparelho está com defeito.
Quero cancelar.
Pode me ajudar?
Eu me mudei.
Acho que está bem.
Tenho mais uma pergunta sobre a fatura.
Já paguei na semana passada.
Fui cobrado duas vezes.
Não entendo a fatura.
Tem um erro.
"""

BEGUN = """
O meu pedido.
O cartão da minha mulher.
Uma mesa para quatro pessoas.
A encomenda de ontem.
Uma pergunta sobre a fatura.
O endereço da fatura.
O senhor Silva.
Um problema com o roteador.
O estado do meu pedido.
A minha conta.
O custo do conserto.
Às dez da manhã.
Por causa do aquecimento.
Uma dúvida.
Mudança de consulta.
"""
