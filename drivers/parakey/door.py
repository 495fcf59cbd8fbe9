"""Doors on a controller of this vendor (BM-27)."""

from typing import Final

from drivers.controlled_door import controlled_door

DRIVER: Final = controlled_door("parakey")
