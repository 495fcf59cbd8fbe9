"""Values everyone speaks. Nothing here imports anything else of ours, and only `clock` and `ids` read the machine."""
