-- Whoever has passkeys and no app has no recovery codes afterwards.
DELETE FROM recovery_codes c WHERE NOT EXISTS (SELECT 1 FROM second_factors f WHERE f.account_id = c.account_id);
ALTER TABLE recovery_codes DROP CONSTRAINT recovery_codes_account_id_fkey;
ALTER TABLE recovery_codes ADD CONSTRAINT recovery_codes_account_id_fkey
    FOREIGN KEY (account_id) REFERENCES second_factors (account_id) ON DELETE CASCADE;
