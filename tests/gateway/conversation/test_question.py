"""What the agent's words let a recogniser expect, and that it is told in time."""

import pytest

from gateway.conversation.question import Expected, expectation_after, expected_after
from gateway.providers.base import Digits, Expectation, Phrases, TextDelta, YesOrNo
from tests.fakes.speech import Model
from tests.gateway.conversation.scene import Scene


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Is that right?", YesOrNo()),
        ("Please say yes or no.", YesOrNo()),
        ("Do you want to go on or not?", YesOrNo()),
        ("Shall I try again, or is there something else I can help you with?", YesOrNo()),
        ("Would you like anything else, or is that all?", YesOrNo()),
        ("What is your order number?", Digits()),
        ("Please enter your PIN.", Digits()),
        ("Can you spell your name?", None),
        ("What is your date of birth?", None),
        ("Is it for sales, support or billing?", Phrases(("sales", "support", "billing"))),
        ("Would you like the morning or the afternoon?", Phrases(("morning", "afternoon"))),
        ("Please choose: returns, or an invoice.", Phrases(("returns", "invoice"))),
        ("I can call Anna or Ben.", None),
        ("How can I help you?", None),
        ("We are open from nine to five.", None),
        ("", None),
    ],
)
def test_what_may_be_expected(said: str, expected: Expectation | None) -> None:
    assert expectation_after(said) == expected


@pytest.mark.parametrize(
    ("language", "said", "expected"),
    [
        ("de", "Kann ich sonst noch etwas für Sie tun?", Expected.YES_NO),
        ("de", "Soll ich Sie mit Anna verbinden?", Expected.YES_NO),
        ("de", "Sie möchten am Freitag kommen, ist das richtig?", Expected.YES_NO),
        ("de", "Ist 4711 Ihre Bestellnummer?", Expected.YES_NO),
        ("de", "Wie lautet Ihre Bestellnummer?", Expected.NUMBER),
        ("de", "Können Sie mir bitte Ihre Telefonnummer nennen?", Expected.NUMBER),
        ("de", "Bitte geben Sie Ihre PIN ein.", Expected.NUMBER),
        ("de", "Wie kann ich Ihnen helfen?", Expected.ANYTHING),
        ("de", "Wann möchten Sie kommen?", Expected.PHRASE),
        ("de", "Wie ist Ihr Name?", Expected.PHRASE),
        ("de", "Was war das Problem?", Expected.PHRASE),
        ("de", "Wir öffnen um neun.", Expected.ANYTHING),
        ("de", "Möchten Sie lieber vormittags oder nachmittags?", Expected.YES_NO),
        ("de", "Können Sie das buchstabieren?", Expected.NUMBER),
        ("es", "¿Puedo ayudarle en algo más?", Expected.YES_NO),
        ("es", "¿Le paso con Ana?", Expected.YES_NO),
        ("es", "Quiere venir el viernes, ¿verdad?", Expected.YES_NO),
        ("es", "¿Es 4711 su número de pedido?", Expected.YES_NO),
        ("es", "¿Cuál es su número de pedido?", Expected.NUMBER),
        ("es", "¿Me puede decir su número de teléfono?", Expected.NUMBER),
        ("es", "Por favor, marque su PIN.", Expected.NUMBER),
        ("es", "¿En qué puedo ayudarle?", Expected.ANYTHING),
        ("es", "¿Cuándo le gustaría venir?", Expected.PHRASE),
        ("es", "¿Cómo se llama?", Expected.PHRASE),
        ("es", "¿Está bien así?", Expected.YES_NO),
        ("es", "Abrimos a las nueve.", Expected.ANYTHING),
        ("es", "¿Puede deletrear su apellido?", Expected.NUMBER),
        ("fr", "Puis-je faire autre chose pour vous ?", Expected.YES_NO),
        ("fr", "Souhaitez-vous que je vous passe Anna ?", Expected.YES_NO),
        ("fr", "Vous voulez venir vendredi, c'est bien ça ?", Expected.YES_NO),
        ("fr", "Est-ce que 4711 est votre numéro de commande ?", Expected.YES_NO),
        ("fr", "Quel est votre numéro de commande ?", Expected.NUMBER),
        ("fr", "Pouvez-vous me donner votre numéro de téléphone ?", Expected.NUMBER),
        ("fr", "Composez votre code, s'il vous plaît.", Expected.NUMBER),
        ("fr", "Comment puis-je vous aider ?", Expected.ANYTHING),
        ("fr", "Quand souhaitez-vous venir ?", Expected.PHRASE),
        ("fr", "Quel est votre nom ?", Expected.PHRASE),
        ("fr", "Nous ouvrons à neuf heures.", Expected.ANYTHING),
        ("fr", "Pouvez-vous épeler votre nom ?", Expected.NUMBER),
        ("pt", "Posso ajudar em mais alguma coisa?", Expected.YES_NO),
        ("pt", "Quer que eu passe para a Ana?", Expected.YES_NO),
        ("pt", "Quer vir na sexta, certo?", Expected.YES_NO),
        ("pt", "O número 4711 é o seu pedido, correto?", Expected.YES_NO),
        ("pt", "Qual é o número do seu pedido?", Expected.NUMBER),
        ("pt", "Pode me dizer o seu telefone?", Expected.NUMBER),
        ("pt", "Digite a sua senha, por favor.", Expected.NUMBER),
        ("pt", "Como posso ajudar?", Expected.ANYTHING),
        ("pt", "Quando gostaria de vir?", Expected.PHRASE),
        ("pt", "Qual é o seu nome?", Expected.PHRASE),
        ("pt", "Abrimos às nove.", Expected.ANYTHING),
        ("pt", "Você tem convênio?", Expected.YES_NO),
        ("pt", "Pode soletrar o seu nome?", Expected.NUMBER),
        ("zh", "还有什么可以帮您的吗？", Expected.YES_NO),
        ("zh", "要我帮您转接安娜吗？", Expected.YES_NO),
        ("zh", "您想周五来，对吗？", Expected.YES_NO),
        ("zh", "4711是您的订单号吗？", Expected.YES_NO),
        ("zh", "请问您的订单号是多少？", Expected.NUMBER),
        ("zh", "可以告诉我您的电话号码吗？", Expected.NUMBER),
        ("zh", "请输入您的密码。", Expected.NUMBER),
        ("zh", "请问有什么可以帮您？", Expected.ANYTHING),
        ("zh", "您想什么时候来？", Expected.PHRASE),
        ("zh", "请问您贵姓？", Expected.PHRASE),
        ("zh", "我们九点开门。", Expected.ANYTHING),
        ("zh", "您是不是想取消预约？", Expected.YES_NO),
    ],
)
def test_what_the_agent_asks_for_in_other_languages(
    language: str, said: str, expected: Expected
) -> None:
    assert expected_after(said, language) is expected


@pytest.mark.parametrize(
    ("language", "said", "expected"),
    [
        ("de", "Geht es um Verkauf, Technik oder Rechnungen?",
         Phrases(("verkauf", "technik", "rechnungen"))),
        ("de", "Sagen Sie bitte ja oder nein.", YesOrNo()),
        ("de", "Bitte buchstabieren Sie Ihren Namen.", None),
        ("es", "¿Prefiere por la mañana o por la tarde?", Phrases(("mañana", "tarde"))),
        ("es", "¿Cuál es su número de pedido?", Digits()),
        ("fr", "Vous préférez le matin ou l'après-midi ?", Phrases(("matin", "après-midi"))),
        ("fr", "Dites oui ou non.", YesOrNo()),
        ("pt", "Diga sim ou não.", YesOrNo()),
        ("zh", "您要上午还是下午？", Phrases(("上午", "下午"))),
        ("zh", "请问您的订单号是多少？", Digits()),
        ("pl", "Is that right?", None),
    ],
)  # fmt: skip
def test_what_may_be_expected_in_other_languages(
    language: str, said: str, expected: Expectation | None
) -> None:
    assert expectation_after(said, language) == expected


@pytest.mark.virtual_time
async def test_the_recogniser_is_told_what_was_asked_before_the_answer_begins() -> None:
    scene = Scene(Model([[TextDelta("Is that right?")], [TextDelta("From nine to five.")]]))
    async with scene.play():
        await scene.greeted()
        scene.line.says("I need a taxi.", after=0.5)
        await scene.until(lambda: scene.agent("answer") == ["Is that right?"])
        assert scene.ear.expected == [None, YesOrNo()]
        scene.line.says("Yes.", after=0.5)
        await scene.until(lambda: len(scene.agent("answer")) == 2)
        assert scene.ear.expected == [None, YesOrNo(), None]
