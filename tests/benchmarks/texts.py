"""What the scripted model says: plain words, every one read as it is written."""

LONG_ANSWERS = (
    "Of course, I can help you with that. The clinic is in the old mill by the river, right "
    "behind the market. You can leave your car in the yard, and there is a bus that stops at "
    "the corner. Please bring your card and a list of everything you take.",
    "Good question, let me explain how it works. First the nurse will look at you and write down "
    "what is wrong. Then a doctor comes and talks with you about what can be done. Most people "
    "are out again within an hour, but it may take longer when many are waiting.",
    "Yes, we do that every week. A small group meets in the garden when the sun is out, and in "
    "the big room when it rains. Nobody has to say anything, and everybody is welcome. You may "
    "bring a friend or your children if you like.",
    "I understand, that sounds unpleasant. Drink a lot of water and stay in bed until the fever "
    "is gone. If it gets worse during the night, call the number on the back of your card. "
    "Somebody is there at any time and will tell you what to do next.",
    "There are three ways to pay for it. You can give us your card at the desk, you can send the "
    "money from home, or we can ask your insurance. Most people choose the last one because it "
    "is the least work. The letter comes after about a month.",
    "Let me tell you about the new building. It has a large hall with glass on every side, and "
    "the rooms upstairs look over the lake. The old house will become a school for nurses. We "
    "hope to open the doors in the spring, and there will be music and cake.",
)
SHORT_ANSWER = "All right."
