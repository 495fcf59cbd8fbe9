"""The formats of keys, shared by the side that issues them and the side that checks them."""
