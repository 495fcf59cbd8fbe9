"""Composition roots: the only modules that see every adapter. They hold constructor calls and nothing else."""
