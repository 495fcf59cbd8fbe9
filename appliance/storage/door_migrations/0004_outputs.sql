-- When the resources that outputs follow are booked, as last read from booking.db.
CREATE TABLE occupied(
    resource_id TEXT NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    PRIMARY KEY (resource_id, starts, ends)
) STRICT, WITHOUT ROWID;

-- What staff want of an output, whatever is booked.
CREATE TABLE output_override(
    output_id TEXT PRIMARY KEY,
    is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    until INTEGER NOT NULL
) STRICT;
