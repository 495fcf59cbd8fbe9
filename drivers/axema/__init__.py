"""VAKA Online by Axema: reservations on the vendor's slots and remote unlocking, by its public API (DR-05)."""
