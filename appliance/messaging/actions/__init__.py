"""The verbs of messaging, a transaction each."""
