"""What German callers say."""

LANGUAGE = "de"

FIRST = """
Ich möchte einen Termin vereinbaren. | statement
ich möchte einen termin vereinbaren | open
Ich möchte | unfinished
ich rufe an wegen | unfinished
Ich rufe an wegen meiner | unfinished
Ich rufe an wegen meiner Rechnung. | statement
ich rufe sie morgen noch mal an | open
Ich rufe später an. | statement
Ich wollte fragen, ob | unfinished
ich wollte fragen ob sie morgen | unfinished
Ich wollte fragen, ob Sie morgen geöffnet haben. | statement
Ich kann nicht kommen, weil ich morgen | unfinished
Ich kann nicht kommen, weil ich krank bin. | statement
Wann haben Sie geöffnet? | complete
wann haben sie geöffnet | open
Ja. | answer | Ist das richtig?
nein danke | answer | Kann ich sonst noch etwas für Sie tun?
Ja, aber | unfinished | Ist das richtig?
Mein Termin. | fragment
Am Dienstag. | fragment
Am Dienstag. | statement open | An welchem Tag möchten Sie kommen?
null eins sieben | number | Wie lautet Ihre Telefonnummer?
Meine Kundennummer ist vier sieben. | number
Meine Kundennummer ist | unfinished
null eins sieben zwei vierundzwanzig neunzehn | open | Wie ist Ihre Telefonnummer?
Können Sie mir sagen | unfinished
Können Sie mir sagen, wann Sie öffnen? | complete
Ich muss meinen Termin | unfinished
Ich habe gestern angerufen. | statement
also ich äh | unfinished
"""

HELD_BACK = """
Guten Tag, ich hätte gern | unfinished
ich brauche ein neues rezept | open
Ich bräuchte ein | unfinished
Mein Name ist Schneider. | statement
mein name ist | unfinished
Das Paket ist noch nicht angekommen. | statement
Wenn ich morgen | unfinished
wenn das nicht geht, | unfinished
Ich sage den Termin am Freitag ab. | statement
ich hole es morgen ab | open
Können Sie mich bitte mit der Buchhaltung | unfinished
Verbinden Sie mich bitte mit der Buchhaltung. | statement
Was kostet das? | complete
Doch. | answer | Haben Sie keinen Termin?
ja genau | answer | Sie möchten am Freitag kommen, richtig?
Nein, ich | unfinished | Ist das Ihre Nummer?
Die Rechnung vom letzten Monat. | fragment
Zwei Personen. | statement open | Für wie viele Personen?
vier eins | number | Nennen Sie mir bitte Ihre Postleitzahl.
M wie Martha, Ü | number | Können Sie den Namen buchstabieren?
Ich glaube, dass der Techniker | unfinished
Ich glaube, dass der Techniker morgen kommt. | statement
Haben Sie am Samstag geöffnet? | complete
Vielen Dank, auf Wiederhören. | complete
Es geht um eine Bestellung, die | unfinished
ich wohne in der | unfinished
Morgen um zehn. | fragment
das war alles danke | complete
"""

LATER = """
Mein Internet geht seit gestern nicht mehr. | statement
bei mir flackert ständig der fernseher | open
Die Heizung tropft. | open statement
Ich habe mich beim Ausfüllen vertan. | statement
meine tochter hat ohrenschmerzen | open
Können wir das auf nächste Woche verlegen? | complete
Ich müsste meinen Zahnarzttermin | unfinished
Es geht um meine Mutter, sie | unfinished
Ich weiß nicht, wo | unfinished
ich steh hier vor dem | unfinished
Ein Doppelzimmer mit Frühstück. | fragment
Zwei Kinder. | fragment
nächsten donnerstag vormittag | fragment
Hausnummer vierzehn. | number | In welcher Straße wohnen Sie?
Passt. | answer | Ist Dienstag um zehn in Ordnung?
Das heißt, ich müsste dann | unfinished
Und dann hat der Kollege gesagt, dass | unfinished
acht drei drei | number | Wie ist die Auftragsnummer?
Ich fülle das Formular gerade aus. | statement
wann kommt denn endlich der monteur | open
"""

WHOLE = """
Ich wollte nur mal nachfragen.
Der Drucker druckt nicht.
Bei uns ist der Strom weg.
Ich krieg immer eine Fehlermeldung.
Da stimmt was nicht.
Das hat mein Mann gemacht.
Sie haben mich gestern angerufen.
Ich würde gern jemanden sprechen.
Das kann ich Ihnen nicht sagen.
Ich bin seit drei Wochen krank.
Ich ziehe nächsten Monat um.
Da geht keiner ran.
Ich hätte gern einen Termin.
Ich möchte einen Tisch reservieren.
Ich kann am Montag nicht.
Das weiß ich leider nicht.
Ich habe keine Rechnung bekommen.
Es geht um meinen Vertrag.
Ich habe Schmerzen im Knie.
Ich soll mich bei Ihnen melden.
Ich brauche Hilfe.
Das Gerät ist kaputt.
Ich will kündigen.
Können Sie mir helfen?
Ich bin umgezogen.
Wann hat der Doktor Zeit?
Ich glaube, das passt.
Kann ich den Termin noch ändern?
Ich hätte da noch eine Frage zu meiner Rechnung.
"""

BEGUN = """
Meine Bestellung.
Die Karte meiner Frau.
Ein Tisch für vier Personen.
Das Paket von gestern.
Eine Frage zur Rechnung.
Die Adresse auf der Rechnung.
Herr Schmidt.
Nächste Woche Donnerstag.
Guten Morgen zusammen.
Ein Problem mit dem Router.
Der Stand meiner Bestellung.
Mein Konto.
Die Kosten der Reparatur.
Vormittags um zehn.
Wegen der Heizung.
"""
