"""What English callers say."""

LANGUAGE = "en"

FIRST = """
I'd like to make an appointment. | statement
i'd like to make an appointment | open
I'd like | unfinished
i need to change my | unfinished
I'm calling about | unfinished
I'm calling about the bill you sent me. | statement
I'm calling because | unfinished
Could you tell me | unfinished
Could you tell me when you open? | complete
What time do you open? | complete
what time do you open | open
I haven't received my order. | statement
I wanted to ask if | unfinished
My back hurts. | open
Yes. | answer | Is that correct?
no thanks | answer | Is there anything else I can help you with?
yes but | unfinished | Shall I call you back later?
My appointment. | fragment
Next Tuesday. | fragment
Next Tuesday. | statement | Which day would suit you?
five five five | number | What is your phone number?
My customer number is four seven. | number
My customer number is | unfinished
five five five oh one two nine | open | What is your phone number?
um | unfinished
If I can't come on Monday, | unfinished
Thank you very much. | statement complete
"""

HELD_BACK = """
Good morning, I'd like to | unfinished
good morning i'd like to book a table for two | open
I'm looking for | unfinished
My name is Sarah Whitfield. | statement
my name is | unfinished
The technician hasn't come yet. | statement
i can't get into the | unfinished
How much is it? | complete
Do you have anything on Friday? | complete
That's right. | statement answer complete | You'd like to come on Friday, is that right?
yes please | answer | Shall I connect you to somebody?
The invoice from March. | fragment
The morning. | statement | Would you like the morning or the afternoon?
nine zero | number | Please tell me your postcode.
W H I | number | Could you spell your name for me?
I want to cancel my appointment with | unfinished
I lost my card yesterday. | statement
it's for my son | open
It's for | unfinished
That's all, thank you. | complete
"""

LATER = """
My internet hasn't been working since yesterday. | statement
the boiler has broken down | open
The screen flickers all the time. | fragment
I made a mistake in the form. | statement
Can we move it to next week? | complete
I have to move my | unfinished
I don't know where | unfinished
i'm standing in front of the | unfinished
A double room with breakfast. | fragment
next thursday in the morning | fragment
fourteen | number | What is your house number?
And then your colleague told me that | open
eight three three | number | What is the order number?
when is the technician coming | open
"""

KNOWN_WRONG = """
When I try to log in, | unfinished
no, it's | unfinished | Is this your number?
The problem is that | unfinished
Can I speak to | unfinished
"""
