"""Stand-ins for devices, each a program of its own: `gpio_wire` for a board's pins, `mqtt_lock` for a lock's firmware.

They are emulators and say so. They share no code with the drivers they face, only the published description of what
goes over the wire, so that a driver's misreading cannot agree with itself.
"""
