"""Parakey: access keys for the accounts of people, whose phones open the doors by themselves (DR-06)."""
