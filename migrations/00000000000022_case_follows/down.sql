DROP TABLE case_follows;
CREATE OR REPLACE FUNCTION drop_badge_of_other_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.badge := NULL;
    NEW.badge_until := NULL;
    RETURN NEW;
END
$$;
ALTER TABLE accounts DROP COLUMN proven;
