DROP TABLE case_rankings, case_ballots;
