-- Whoever has passkeys and no app signs in with the password alone afterwards. The wider table of audit actions stays: entries that
-- need it cannot be taken out of the log.
DROP TABLE passkey_questions;
DROP TABLE passkeys;
