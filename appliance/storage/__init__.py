"""Engines, transactions, the guard and the journal: the only place that knows how rows reach a disk.

`chain`, `follower` and `door_file` use the standard library alone, because the door process loads them.
"""
