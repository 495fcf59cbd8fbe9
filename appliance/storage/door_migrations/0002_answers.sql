-- An answer is made again from the journal entry of its presentation: one write less for each, and no end to its memory.
DROP TABLE presentation;
CREATE INDEX journal_presentation ON journal(entity_id) WHERE entity = 'presentation';
