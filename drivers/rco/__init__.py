"""RCO R-CARD M5, by its published concepts: cards, card templates, sub-controllers (DR-04)."""
