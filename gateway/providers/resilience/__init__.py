"""Staying up when providers go down: one place, the same for every kind.

| module | what it decides or does |
| --- | --- |
| `breaker` | whether a provider is asked at all, after it has failed (decides only) |
| `limiter` | how many requests at a time and per minute its key may make (decides only) |
| `continuing` | what is still to be said, after what was delivered (decides only) |
| `routing` | in which order providers are asked for this turn, and why (decides only) |
| `replay` | what a new ear has to hear of the caller (decides only) |
| `health` | all that is known of one provider; `board` keeps and shares it |
| `attempts` | one request with its deadlines; several of them in a race |
| `delivery` | an answer made by one provider after the other |
| `models`, `voices`, `ears` | the three kinds of providers, each as one that stays up |
"""
