-- access.db, first version. The journal and the identity of the file are made beside it (storage/chain.py).

-- What booking.db says about who may enter; first_used_at and retired_until are the door's own.
CREATE TABLE known_key(
    id TEXT PRIMARY KEY,
    booking_id TEXT NOT NULL,
    number TEXT NOT NULL,
    kind TEXT NOT NULL,
    lookup BLOB,
    doors TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    first_used_at INTEGER,
    retired_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX known_key_lookup ON known_key(lookup) WHERE lookup IS NOT NULL;
CREATE INDEX known_key_booking ON known_key(booking_id);

-- How far booking.db has been followed. One row at most.
CREATE TABLE cursor(
    id INTEGER PRIMARY KEY CHECK (id = 1),
    file_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;

-- The newest plan asked for, the last good one, and the newest that was refused.
CREATE TABLE site_plan(
    role TEXT PRIMARY KEY CHECK (role IN ('desired', 'applied', 'rejected')),
    number INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE reader_throttle(
    door_id TEXT NOT NULL,
    reader TEXT NOT NULL,
    wrong INTEGER NOT NULL,
    locked_until INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (door_id, reader)
) STRICT, WITHOUT ROWID;

CREATE TABLE door_throttle(
    door_id TEXT PRIMARY KEY,
    day TEXT NOT NULL,
    wrong INTEGER NOT NULL,
    tried_at INTEGER NOT NULL
) STRICT;

CREATE TABLE door_mode(
    door_id TEXT PRIMARY KEY,
    free_access INTEGER NOT NULL CHECK (free_access IN (0, 1)),
    lockdown INTEGER NOT NULL CHECK (lockdown IN (0, 1)),
    emergency INTEGER NOT NULL CHECK (emergency IN (0, 1))
) STRICT;

-- Answers given, so that the same presentation gets the same one also after a restart.
CREATE TABLE presentation(
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    door_id TEXT NOT NULL,
    reader TEXT NOT NULL,
    kind TEXT NOT NULL,
    answer TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX presentation_at ON presentation(at);

-- What the unit remembers of its clock and of its throttles' past. One row.
CREATE TABLE memory(
    id INTEGER PRIMARY KEY CHECK (id = 1),
    clock_mark INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    pins_shut_until INTEGER NOT NULL
) STRICT;
INSERT INTO memory VALUES (1, 0, '', 0);
