"""What bookings cost: prices, quotes, entitlements, fees and the ledger of what was paid."""
