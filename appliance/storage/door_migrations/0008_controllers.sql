-- What controllers are to hold. `subject` is a card's bits or an address: it stands here and nowhere else on the door's
-- side, because a controller must be told it, and goes when the controller holds the grant no more.
CREATE TABLE held_grant(
    controller_id TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    booking_id TEXT NOT NULL,
    takes TEXT NOT NULL,
    subject TEXT,
    devices TEXT NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    is_wanted INTEGER NOT NULL CHECK (is_wanted IN (0, 1)),
    is_told INTEGER NOT NULL CHECK (is_told IN (0, 1)),
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    since INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER,
    correlation TEXT NOT NULL,
    PRIMARY KEY (controller_id, grant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_grant_due ON held_grant(controller_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX held_grant_state ON held_grant(controller_id, state, starts);
CREATE INDEX held_grant_grant ON held_grant(grant_id);

-- How far the events of a controller were read, and until when they are complete as far as it knows.
CREATE TABLE controller_cursor(
    controller_id TEXT PRIMARY KEY,
    cursor TEXT NOT NULL,
    complete_until INTEGER
) STRICT, WITHOUT ROWID;

-- Events that were written down, so that one which is told twice is written once.
CREATE TABLE controller_event(
    controller_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    heard_at INTEGER NOT NULL,
    PRIMARY KEY (controller_id, event_id)
) STRICT, WITHOUT ROWID;
