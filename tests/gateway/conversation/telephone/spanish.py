"""What Spanish callers say."""

LANGUAGE = "es"

FIRST = """
Llamo por los billetes de Sevilla y de Madrid. | statement
Quiero pedir una cita. | statement
quiero pedir una cita | open
Quiero | unfinished
quisiera pedir una | unfinished
Llamo por | unfinished
Llamo por la factura del mes pasado. | statement
llamo porque | unfinished
Necesito cambiar mi | unfinished
¿A qué hora abren? | complete
a qué hora abren | open
No he recibido el pedido. | statement
Me duele la espalda. | statement
Me gustaría saber si | unfinished
me gustaría saber si mañana | unfinished
Me gustaría saber si mañana abren. | statement
¿Me podría decir | unfinished
Sí. | answer | ¿Es correcto?
no gracias | answer | ¿Puedo ayudarle en algo más?
sí pero | unfinished | ¿Quiere que le llame?
Mi cita. | fragment
Una cita para mañana. | fragment
El martes. | statement open | ¿Qué día le viene bien?
seis uno dos | number | ¿Me dice su número de teléfono?
Mi número es el seis cuarenta y cinco. | number
Mi número de cliente es | unfinished
seis cuarenta y cinco veintitrés diecinueve cero ocho | open | ¿Cuál es su teléfono?
este | unfinished
Tengo una pregunta. | open
Si no puedo ir el lunes, | unfinished
Muchas gracias. | complete
"""

HELD_BACK = """
Buenos días, quería | unfinished
buenos días quería hacer una reserva para dos personas | open
Estoy buscando | unfinished
Mi nombre es Carmen Ortega. | statement
me llamo | unfinished
Todavía no ha llegado el técnico. | statement
Cuando intento entrar en la página, | unfinished
no puedo entrar en la | unfinished
¿Cuánto cuesta? | complete
¿Tienen cita para el viernes? | complete
Claro que sí. | answer | ¿Le parece bien a las diez?
sí por favor | answer | ¿Quiere que le pase con un agente?
no, es que | unfinished | ¿Es este su número?
La reserva del sábado. | fragment
Por la tarde. | statement open | ¿Prefiere por la mañana o por la tarde?
veintiocho cero | number | Dígame su código postal, por favor.
ge a erre | number | ¿Puede deletrear su apellido?
Quería cancelar la cita que tengo con el | unfinished
Perdí la tarjeta ayer. | statement
es para mi hijo | open
Es para | unfinished
Vivo en la calle | unfinished
El problema es que | unfinished
Eso es todo, gracias. | complete
¿Puedo hablar con | unfinished
Creo que mañana no | unfinished open
pues eh | unfinished
Se ha roto la lavadora. | statement
"""

LATER = """
No me funciona internet desde ayer. | statement
se me ha estropeado la caldera | open
La tele parpadea todo el rato. | statement
Me equivoqué al rellenar el formulario. | statement
mi hija tiene dolor de oído | open
¿Podemos pasarlo a la semana que viene? | complete
Tengo que mover mi | unfinished
Es por mi madre, ella | unfinished
No sé dónde | unfinished
estoy aquí delante del | unfinished
Una habitación doble con desayuno. | fragment
Dos niños. | fragment
el próximo jueves por la mañana | fragment
El catorce. | number | ¿En qué número vive?
Me va bien. | answer | ¿Le va bien el martes a las diez?
O sea que tendría que | unfinished
Y entonces su compañero me dijo que | unfinished
ocho tres tres | number | ¿Cuál es el número de expediente?
Vivimos en un tercero sin ascensor. | statement
cuándo va a venir el técnico | open
"""

WHOLE = """
La impresora no imprime.
Se ha ido la luz.
Me sale un error todo el rato.
Eso lo hizo mi marido.
Me llamaron ayer.
Quisiera hablar con alguien.
No se lo puedo decir.
Llevo tres semanas enfermo.
Me mudo el mes que viene.
No contesta nadie.
Quiero una cita.
El lunes no puedo.
No he recibido la factura.
Es por mi contrato.
Tengo dolor en la rodilla.
Necesito ayuda.
El aparato está roto.
Quiero darme de baja.
¿Me puede ayudar?
Me he mudado.
¿Cuándo está el doctor?
Creo que está bien.
Tengo otra pregunta sobre la factura.
Ya pagué la semana pasada.
Me han cobrado dos veces.
No entiendo la factura.
"""

BEGUN = """
Mi pedido.
La tarjeta de mi mujer.
Una mesa para cuatro personas.
El paquete de ayer.
Una pregunta sobre la factura.
La dirección de la factura.
El señor García.
Un problema con el router.
El estado de mi pedido.
Mi cuenta.
El coste de la reparación.
A las diez de la mañana.
Por la calefacción.
Una duda.
Cambio de cita.
"""
