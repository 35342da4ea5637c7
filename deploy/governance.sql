-- What a group sees of people: the functions that masks and row filters of the tables call.
-- The job `governance` makes them on Databricks before the pipelines run; Weir reads this file.
USE CATALOG IDENTIFIER(:catalog);

-- What a role may read, as the users' document says it.
CREATE OR REPLACE FUNCTION gobierno.mask_sensitive_data(user_role STRING, data STRING)
RETURNS STRING
COMMENT 'El dato para los roles admin y data-engineer, MASKED para los demás'
RETURN CASE
    WHEN user_role IN ('admin', 'data-engineer') THEN data
    ELSE 'MASKED'
END;

CREATE OR REPLACE FUNCTION gobierno.rol()
RETURNS STRING
COMMENT 'El rol de quien pregunta, según sus grupos'
RETURN CASE
    WHEN is_account_group_member('admins') THEN 'admin'
    WHEN is_account_group_member('data-engineers') THEN 'data-engineer'
    ELSE 'lector'
END;

-- Who somebody is, and records that may say it, are for engineers.
CREATE OR REPLACE FUNCTION gobierno.ocultar(valor STRING)
RETURNS STRING
COMMENT 'El valor para quien puede verlo, MASKED para los demás'
RETURN CASE WHEN valor IS NOT NULL THEN gobierno.mask_sensitive_data(gobierno.rol(), valor) END;

-- Where somebody was is for engineers, too. Others see of a message only what is listed here.
CREATE OR REPLACE FUNCTION gobierno.sin_lugar(mensaje STRING)
RETURNS STRING
COMMENT 'El mensaje para quien puede verlo; para los demás, sin coordenadas ni nada desconocido'
RETURN CASE
    WHEN mensaje IS NULL OR gobierno.rol() IN ('admin', 'data-engineer') THEN mensaje
    ELSE to_json(named_struct(
        'schema_version', get_json_object(mensaje, '$.schema_version'),
        'animal', from_json(
            get_json_object(mensaje, '$.animal'), 'especie STRING, edad_meses STRING, estado STRING'
        ),
        'processing_time', get_json_object(mensaje, '$.processing_time'),
        'ubicacion_gps', 'MASKED'
    ))
END;

CREATE OR REPLACE FUNCTION gobierno.aproximar(grados DOUBLE)
RETURNS DOUBLE
COMMENT 'La coordenada para quien puede verla; para los demás, redondeada a unos diez kilómetros'
RETURN CASE WHEN gobierno.rol() IN ('admin', 'data-engineer') THEN grados ELSE round(grados, 1) END;

-- What is over, such as where somebody lived before, is for engineers.
CREATE OR REPLACE FUNCTION gobierno.es_actual(hasta TIMESTAMP)
RETURNS BOOLEAN
COMMENT '¿Es la versión que vale ahora? Quien puede ver lo demás las ve todas'
RETURN hasta IS NULL OR gobierno.rol() IN ('admin', 'data-engineer');
