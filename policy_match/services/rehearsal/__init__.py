"""The way from a kept sweep to the bank's confirmation, played through with invented people on a simulated calendar.

Guarantees that every step is the service that real work uses, that each can be played again and then finds itself
done, and that nothing is played where a case of a real firm stands. Printing the story is `cli.demo_payments`.
"""
