-- The stretch of its schedule for which a door stands free, and one that staff ended early.
ALTER TABLE door_mode ADD COLUMN stretch TEXT NOT NULL DEFAULT '';
ALTER TABLE door_mode ADD COLUMN skipped TEXT NOT NULL DEFAULT '';
