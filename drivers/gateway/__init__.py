"""Our own protocol to a gateway beside a vendor's controller, over a serial line or MQTT (PROTOCOL.md)."""
