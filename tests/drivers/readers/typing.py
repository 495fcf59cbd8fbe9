"""How a scanner in keyboard mode types a text: the kernel's events, written from linux/input-event-codes.h."""

from drivers.readers.scan_keys import DOWN, UP

Press = tuple[int, int]
PASS = "PV1" + "AB234567" * 19
SHIFT, CTRL, L_ALT, F4 = 42, 29, 56, 62
CODES = {
    "A": 30, "B": 48, "C": 46, "D": 32, "E": 18, "F": 33, "G": 34, "H": 35, "I": 23, "J": 36, "K": 37, "L": 38, "M": 50,
    "N": 49, "O": 24, "P": 25, "Q": 16, "R": 19, "S": 31, "T": 20, "U": 22, "V": 47, "W": 17, "X": 45, "Y": 21, "Z": 44,
    "1": 2, "2": 3, "3": 4, "4": 5, "5": 6, "6": 7, "7": 8, "8": 9, "9": 10, "0": 11,
}  # fmt: skip


def stroke(code: int) -> list[Press]:
    return [(code, DOWN), (code, UP)]


def chord(held: int, text: str) -> list[Press]:
    """Keys struck while another is held."""
    return [(held, DOWN), *(press for letter in text for press in stroke(CODES[letter])), (held, UP)]


def typed(text: str, enter: int = 28) -> list[Press]:
    """A text of capitals and digits, and enter."""
    presses = []
    for letter in text:
        presses += chord(SHIFT, letter) if letter.isalpha() else stroke(CODES[letter])
    return presses + stroke(enter)
