"""What voices of other languages are given to read."""

import pytest

from gateway.conversation.normalise import normalise, pieces


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("es-ES", "Son 12,50 €.", "Son 12 euros con 50 céntimos."),
        ("es-MX", "Cuesta $1,200.50 hoy.", "Cuesta 1200 dólares con 50 centavos hoy."),
        ("es", "1.200 € en total", "1200 euros en total"),
        ("es", "0,01 €", "1 céntimo"),
        ("es", "a las 9:30", "a las 9 y media"),
        ("es", "a las 9:15 h", "a las 9 y cuarto"),
        ("es", "a las 14:05", "a las 14 cero 5"),
        ("es", "a las 8:00.", "a las 8 en punto."),
        ("es", "el 12/05/2026", "el 12 de mayo de 2026"),
        ("es", "el 2026-01-02", "el 2 de enero de 2026"),
        ("es", "el 31/13/2026", "el 31/13/2026"),
        ("es", "un 20 % menos", "un 20 por ciento menos"),
        ("es", "la Sra. López", "la señora López"),
        ("es", "p. ej. mañana", "por ejemplo mañana"),
        ("es", "info@clinica.es.", "info arroba clinica punto es."),
        ("es", "llame al 912 345 678", "llame al 9 1 2, 3 4 5, 6 7 8"),
        ("es", "+34 912345678", "más 3 4, 9 1 2 3 4 5 6 7 8"),
        ("fr-FR", "Cela fait 12,50 €.", "Cela fait 12 euros et 50 centimes."),
        ("fr", "à 14h30", "à 14 heures 30"),
        ("fr", "à 9:00", "à 9 heures"),
        ("fr", "à 1:05", "à 1 heure 5"),
        ("fr", "le 01/05/2026", "le 1er mai 2026"),
        ("fr", "20 % de remise", "20 pour cent de remise"),
        ("fr", "au 01 23 45 67 89", "au 01, 23, 45, 67, 89"),
        ("fr", "au 0123456789", "au 01, 23, 45, 67, 89"),
        ("fr", "Mme Martin", "madame Martin"),
        ("de-DE", "Das macht 1.234,05 €.", "Das macht 1234 Euro und 5 Cent."),
        ("de", "um 14:30 Uhr", "um 14 Uhr 30"),
        ("de", "um 8:00 Uhr.", "um 8 Uhr."),
        ("de", "am 12.05.2026", "am 12. Mai 2026"),
        ("de", "3,5 % Rabatt", "3,5 Prozent Rabatt"),
        ("de", "z. B. Dr. Weiß", "zum Beispiel Doktor Weiß"),
        ("de", "praxis@example.de", "praxis at example Punkt de"),
        ("de", "030 1234567", "0 3 0, 1 2 3 4 5 6 7"),
        ("pt-BR", "São R$ 10,50.", "São 10 reais e 50 centavos."),
        ("pt-PT", "1 €", "1 euro"),
        ("pt", "às 14h30", "às 14 horas e 30"),
        ("pt", "em 02/03/2026", "em 2 de março de 2026"),
        ("pt", "5 % ao ano", "5 por cento ao ano"),
        ("zh-CN", "一共¥12.50。", "一共12元5角。"),
        ("zh-CN", "¥8.05", "8元零5分"),
        ("zh-CN", "€3.20", "3欧元20欧分"),
        ("zh-CN", "下午3:30见", "下午3点半见"),
        ("zh-CN", "早上9:05开门", "早上9点零5分开门"),
        ("zh-CN", "在2026-05-12", "在2026年5月12日"),
        ("zh-CN", "打13812345678找我", "打幺三八幺二三四五六七八找我"),
        ("zh-CN", "优惠20%", "优惠百分之20"),
        ("en-US", "on 05/12/2026.", "on May 12, 2026."),
        ("en-GB", "on 12/05/2026.", "on 12 May 2026."),
        ("en", "on 2026-05-12", "on May 12, 2026"),
        ("it-IT", "alle 14:30", "alle 14:30"),
    ],
)
def test_what_is_written_is_said_as_the_language_says_it(
    language: str, written: str, spoken: str
) -> None:
    assert normalise(written, language) == spoken


@pytest.mark.parametrize("language", ["es", "fr", "de", "pt", "zh", "en", "ja"])
def test_nothing_that_was_written_is_lost(language: str) -> None:
    text = "¿Sí? 9:30 «14h30» 12,50 € 你好，我们9:30开门。 (a@b.de) $5 R$ 3 z. B. 100%!"
    assert "".join(piece.written for piece in pieces(text, language)) == text


def test_chinese_is_cut_into_characters_so_that_what_was_heard_can_be_told() -> None:
    assert [piece.written for piece in pieces("你好，Anna", "zh-CN")] == ["你", "好", "，", "Anna"]
