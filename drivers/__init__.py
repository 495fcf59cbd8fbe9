"""Drivers: what turns a `Grant` into a bolt that moves, and a contact into a fact.

Each driver folder has three floors: transport (bytes on a wire), codec (bytes to messages, no I/O) and meaning (the
contract). Drivers know `appliance.foundation` and nothing else of the unit, and never each other.
"""
