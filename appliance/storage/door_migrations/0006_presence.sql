-- How many have come into an area by a booking's keys and not gone out.
CREATE TABLE presence(
    area TEXT NOT NULL,
    booking_id TEXT NOT NULL,
    inside INTEGER NOT NULL,
    last_in_at INTEGER NOT NULL,
    PRIMARY KEY (area, booking_id)
) STRICT, WITHOUT ROWID;
