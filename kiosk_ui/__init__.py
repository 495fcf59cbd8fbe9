"""The touch screen at the door: screens, idle reset and their texts."""
