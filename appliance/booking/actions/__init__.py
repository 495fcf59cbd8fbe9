"""The verbs of booking, one module each: a transaction that loads, makes one pure call, saves and journals."""
