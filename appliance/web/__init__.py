"""HTTP in, one action or store, HTTP out."""
