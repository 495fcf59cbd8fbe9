"""A control panel that is not ours and not libosdp: the `osdp` package of PyPI, run by its own environment's Python.

    osdp_peer.py PORT ADDRESS MASTER_KEY

Prints a line of JSON for each thing that it met: {"secure": true}, {"keys": "..."}, {"card": "26:..."}, {"identity":
...}, {"lamp": true}. Ends when its standard input does.
"""

import json
import sys
import threading
from importlib import import_module
from typing import Any

POLL_S = 0.05


def say(**met: object) -> None:
    print(json.dumps(met), flush=True)


def main(port: str, address: int, master_key: bytes) -> None:
    osdp: Any = import_module("osdp")
    types: Any = import_module("osdp._types")

    def keys(_address: int, keypad: Any) -> None:
        say(keys=bytes(keypad.data).decode("latin-1"))

    def card(_address: int, held: Any) -> None:
        size = 8 * len(held.data)
        say(card=f"{held.bit_count}:{int.from_bytes(held.data, 'big') >> size - held.bit_count:X}")

    panel = osdp.ControlPanel(master_key=master_key)
    panel.on_keypad_data_reply_received, panel.on_raw_card_data_reply_received = keys, card
    bus = panel.start_connection(osdp.SerialPortOsdpConnection(port=port, baud_rate=9600))
    panel.add_device(connection_id=bus, address=address, use_crc=True, use_secure_channel=True)
    pause, device = threading.Event(), panel._buses[bus]._configured_devices[address]
    while not device.is_security_established or device.is_scbkd:
        pause.wait(POLL_S)
    say(secure=True)
    say(identity=panel.id_report(bus, address).vendor_code.hex())
    green = types.LedColor.Green
    lamp = osdp.ReaderLedControl(
        0, 0, types.TemporaryReaderControlCode.SetTemporaryAndStartTimer, 30, 0, green, types.LedColor.Black, 30,
        types.PermanentReaderControlCode.Nop, 0, 0, types.LedColor.Black, types.LedColor.Black,
    )  # fmt: skip
    say(lamp=panel.reader_led_control(bus, address, osdp.ReaderLedControls([lamp])))
    sys.stdin.read()
    panel.shutdown()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), bytes.fromhex(sys.argv[3]))
