"""Locks that speak MQTT: signed commands that expire, state as the lock reports it. See PROTOCOL.md in this folder."""
