-- When what waits was counted: numbers may come in another order, and the newest are kept.
ALTER TABLE group_waits ADD COLUMN counted_at timestamptz NOT NULL DEFAULT 'epoch';
