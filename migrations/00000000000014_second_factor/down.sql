-- The wider table of audit actions stays: entries that need it cannot be taken out of the log.
DROP TABLE sign_in_steps;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
