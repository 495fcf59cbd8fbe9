"""A keypad or card reader on two Wiegand wires, counted on the pins of this board. Legacy, and in the clear."""
