"""Transports: bytes to and from the world outside, knowing nothing of doors."""
