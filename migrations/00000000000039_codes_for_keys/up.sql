-- Recovery codes stand in for passkeys as well: they belong to somebody, and no longer to somebody's app.
ALTER TABLE recovery_codes DROP CONSTRAINT recovery_codes_account_id_fkey;
ALTER TABLE recovery_codes ADD CONSTRAINT recovery_codes_account_id_fkey
    FOREIGN KEY (account_id) REFERENCES users (account_id) ON DELETE CASCADE;
