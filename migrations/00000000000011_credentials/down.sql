-- Verification records are kept for years: there is no way back that keeps them.
DO $$ BEGIN RAISE EXCEPTION 'verification records would be lost: restore a backup instead'; END $$;
