"""What French callers say."""

LANGUAGE = "fr"

FIRST = """
Je voudrais prendre un rendez-vous. | statement
je voudrais prendre un rendez-vous | open
Je voudrais | unfinished
je voudrais prendre un | unfinished
J'appelle pour | unfinished
J'appelle pour ma facture du mois dernier. | statement
j'appelle parce que | unfinished
Est-ce que | unfinished
Est-ce que vous | unfinished
Est-ce que vous êtes ouverts samedi ? | complete
est-ce que vous êtes ouverts samedi | open
Vous ouvrez à quelle heure ? | complete
Je n'ai pas reçu mon colis. | statement
Je voulais savoir si | unfinished
je voulais savoir si vous | unfinished
Je voulais savoir si c'est possible. | statement
Pouvez-vous me dire | unfinished
Oui. | answer | C'est bien cela ?
non merci | answer | Puis-je faire autre chose pour vous ?
oui mais | unfinished | Est-ce que c'est correct ?
Mon rendez-vous. | fragment
Mardi prochain. | fragment
Mardi prochain. | statement | Quel jour vous conviendrait ?
zéro six douze | number | Quel est votre numéro de téléphone ?
Mon numéro de client est le quatre sept. | number
Mon numéro, c'est le | unfinished
zéro six douze trente-quatre cinquante-six soixante-dix-huit | open | Quel est votre numéro ?
euh | unfinished
Parce que demain je travaille, | unfinished open
Merci beaucoup. | complete
"""

HELD_BACK = """
Bonjour, j'aimerais | unfinished
bonjour j'aimerais réserver une table pour deux personnes | open
Je cherche | unfinished
Je m'appelle Claire Fontaine. | statement
je m'appelle | unfinished
Le technicien n'est pas venu. | statement
Quand j'essaie de me connecter, | unfinished
j'arrive pas à ouvrir le | unfinished
C'est combien ? | complete
Avez-vous de la place vendredi ? | complete
Tout à fait. | answer | Vous souhaitez venir vendredi, c'est bien ça ?
oui s'il vous plaît | answer | Voulez-vous que je vous passe un conseiller ?
Non, en fait | unfinished | C'est bien votre numéro ?
La facture de mars. | fragment
Le matin. | statement open | Vous préférez le matin ou l'après-midi ?
soixante-quinze zéro | number | Donnez-moi votre code postal, s'il vous plaît.
D U P | number | Pouvez-vous épeler votre nom ?
Il faut que je | unfinished
Ma carte est bloquée. | statement
c'est pour mon fils | open
C'est pour | unfinished
J'habite au douze rue de la | unfinished
Le problème, c'est que | unfinished
C'est tout, merci. | complete
Est-ce que je peux parler à | unfinished
J'ai perdu ma carte hier. | statement
zéro un quarante-deux | number | Je vous écoute, quel est votre numéro ?
ben du coup | unfinished
"""

LATER = """
Ma connexion ne marche plus depuis hier. | statement
ma chaudière est tombée en panne | open
La télé clignote tout le temps. | statement
Je me suis trompé en remplissant le formulaire. | statement
ma fille a mal à l'oreille | open
On peut repousser à la semaine prochaine ? | complete
Je dois déplacer mon | unfinished
C'est pour ma mère, elle | unfinished
Je ne sais pas où | unfinished
je suis là devant le | unfinished
Une chambre double avec petit-déjeuner. | fragment
Deux enfants. | fragment
jeudi prochain dans la matinée | fragment
Au quatorze. | number | À quel numéro habitez-vous ?
Ça me va. | answer | Mardi à dix heures, ça vous convient ?
Ça veut dire que je devrais | unfinished
Et votre collègue m'a dit que | unfinished
huit trois trois | number | Quel est le numéro du dossier ?
On habite au troisième sans ascenseur. | statement
quand est-ce que le technicien va passer | open
"""

WHOLE = """
L'imprimante n'imprime plus.
Il n'y a plus de courant.
J'ai toujours un message d'erreur.
C'est mon mari qui a fait ça.
Vous m'avez appelé hier.
Je voudrais parler à quelqu'un.
Je ne peux pas vous le dire.
Je suis malade depuis trois semaines.
Je déménage le mois prochain.
Personne ne répond.
Je voudrais un rendez-vous.
Lundi je ne peux pas.
Je n'ai pas reçu la facture.
C'est pour mon contrat.
J'ai mal au genou.
J'ai besoin d'aide.
L'appareil est en panne.
Je veux résilier.
Vous pouvez m'aider ?
J'ai déménagé.
Je crois que c'est bon.
J'ai encore une question sur ma facture.
J'ai déjà payé la semaine dernière.
On m'a prélevé deux fois.
Je ne comprends pas la facture.
Il y a une erreur.
"""

BEGUN = """
Ma commande.
La carte de ma femme.
Une table pour quatre personnes.
Le colis d'hier.
Une question sur la facture.
L'adresse sur la facture.
Monsieur Dupont.
Jeudi de la semaine prochaine.
Un problème avec la box.
L'état de ma commande.
Mon compte.
Le coût de la réparation.
À dix heures du matin.
Pour le chauffage.
Une fuite d'eau.
Changement d'adresse.
"""
