-- Keys of phones, what was used up, what was revoked of that which the door never heard of, and calls for help.
ALTER TABLE known_key ADD COLUMN public_key BLOB;

CREATE TABLE spent(
    door_id TEXT NOT NULL,
    token TEXT NOT NULL,
    presentation_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (door_id, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE revoked_derived(
    claims TEXT PRIMARY KEY,
    valid_to INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX journal_duress ON journal(seq) WHERE entity = 'duress';
