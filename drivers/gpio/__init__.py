"""Doors on the pins of this board, through gpiozero: strike relay, contact, REX button, cover switch."""
