-- Whom an entry of the journal is about. It stands apart, so that it can be forgotten while the chain stays whole.
CREATE TABLE subject(
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    booking_id TEXT,
    key_id TEXT
) STRICT;
CREATE INDEX subject_at ON subject(at);
CREATE INDEX subject_booking ON subject(booking_id);

-- How often each door was opened or stayed shut, by hour (UTC seconds of its start) and reason. Nobody is named.
CREATE TABLE door_count(
    door_id TEXT NOT NULL,
    hour INTEGER NOT NULL,
    reason TEXT NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (door_id, hour, reason)
) STRICT, WITHOUT ROWID;
