-- What a group sees of people: the functions that masks and row filters of the tables call.
-- The job `governance` makes them on Databricks before the pipelines run; Weir reads this file.
USE CATALOG IDENTIFIER(:catalog);

-- Who somebody is, and records that may say it, are for engineers.
CREATE OR REPLACE FUNCTION gobierno.ocultar(valor STRING)
RETURNS STRING
COMMENT 'The value for data-engineers, MASKED for others'
RETURN CASE
    WHEN valor IS NULL OR is_account_group_member('data-engineers') THEN valor
    ELSE 'MASKED'
END;

-- What is over, such as where somebody lived before, is for engineers.
CREATE OR REPLACE FUNCTION gobierno.es_actual(hasta TIMESTAMP)
RETURNS BOOLEAN
COMMENT 'Is a version the one that holds now? All are for data-engineers'
RETURN hasta IS NULL OR is_account_group_member('data-engineers');
