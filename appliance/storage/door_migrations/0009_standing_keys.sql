-- The hours of the week in which a standing key opens, in the facility's wall-clock time; NULL for keys of bookings.
ALTER TABLE known_key ADD COLUMN hours TEXT;
