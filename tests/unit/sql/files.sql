# Auto Loader.
SELECT *
FROM STREAM read_files('/a', format => 'json')
---
SELECT *
FROM STREAM __weir_0
> read_files stream path=/a format=json
====
# The older spelling of STREAM.
SELECT * FROM STREAM(read_files("/a", header => true, maxFilesPerTrigger => 5, `schemaHints` => 'a INT')) f
---
SELECT * FROM STREAM(__weir_0) f
> read_files stream path=/a header=true maxFilesPerTrigger=5 schemaHints=a INT
====
# Auto Loader as it was called before.
SELECT * FROM cloud_files('/a', 'json', map('cloudFiles.inferColumnTypes', 'true', 'header', 'true'))
---
SELECT * FROM __weir_0
> cloud_files stream path=/a cloudFiles.format=json cloudFiles.inferColumnTypes=true header=true
====
# Without options, and with STREAM.
SELECT * FROM STREAM cloud_files('/a', 'csv')
---
SELECT * FROM STREAM __weir_0
> cloud_files stream path=/a cloudFiles.format=csv
====
# Files in a batch.
SELECT a, b FROM read_files('/a') AS f JOIN t USING (a) WHERE f.b > 1
---
SELECT a, b FROM __weir_0 AS f JOIN __weir_1 AS `t` USING (a) WHERE f.b > 1
> read_files path=/a
> t
====
# The path is composed of constants.
SELECT * FROM STREAM read_files('/a/' || :schema || '/x', format => concat('js', 'on'), sep => '|', limit => -1)
---
SELECT * FROM STREAM __weir_0
> read_files stream path=/a/raw/x format=json sep=| limit=-1
====
# The path is a variable of the configuration.
SELECT * FROM STREAM read_files('/Volumes/${catalog}/a', format => 'csv')
---
SELECT * FROM STREAM __weir_0
> read_files stream path=/Volumes/prod/a format=csv
====
# The hidden column of files is named: all columns are those without it.
SELECT *, _metadata.file_path AS source FROM STREAM read_files('/a', format => 'json')
---
SELECT * EXCEPT (_metadata), _metadata.file_path AS source FROM STREAM __weir_0
> read_files stream path=/a format=json
====
# Some columns are left out already.
SELECT * EXCEPT (a, _rescued_data), _metadata.file_name FROM STREAM read_files('/a', format => 'json')
---
SELECT * EXCEPT (_metadata, a, _rescued_data), _metadata.file_name FROM STREAM __weir_0
> read_files stream path=/a format=json
====
# All columns of the files alone, counted and multiplied.
SELECT f.*, t.*, count(*), 2 * 3, f._metadata.file_size FROM read_files('/a') f, t
---
SELECT f.* EXCEPT (_metadata), t.*, count(*), 2 * 3, f._metadata.file_size FROM __weir_0 f, __weir_1 AS `t`
> read_files path=/a
> t
====
# Each scope for itself.
WITH raw AS (SELECT *, _metadata FROM read_files('/a')) SELECT * FROM raw EXCEPT SELECT * FROM t
---
WITH raw AS (SELECT * EXCEPT (_metadata), _metadata FROM __weir_0) SELECT * FROM raw EXCEPT SELECT * FROM __weir_1 AS `t`
> read_files path=/a
> t
====
# A set operation behind the files.
SELECT * FROM read_files('/a') WHERE _metadata.file_size > 0 EXCEPT (SELECT * FROM t)
---
SELECT * EXCEPT (_metadata) FROM __weir_0 WHERE _metadata.file_size > 0 EXCEPT (SELECT * FROM __weir_1 AS `t`)
> read_files path=/a
> t
====
# A common table expression may have the function's name.
WITH read_files AS (SELECT 1) SELECT * FROM read_files('/a')
---
WITH read_files AS (SELECT 1) SELECT * FROM __weir_0
> read_files path=/a
====
# An option that depends on rows.
SELECT *
FROM STREAM read_files('/a',
  format => lower(x))
---
! Unsupported 12: The value of the option `format` that is no constant (line 3 of the SQL text) is not supported here. (give a text, a number, TRUE, FALSE or a parameter; texts can be composed with || or concat)
====
# A path that is computed.
SELECT * FROM read_files(current_catalog())
---
! Unsupported 10: The path of read_files that is no constant is not supported here. (give a text, a number, TRUE, FALSE or a parameter; texts can be composed with || or concat)
====
# A number that is computed.
SELECT * FROM read_files('/a', maxFilesPerTrigger => 2 * 3)
---
! Unsupported 10: The value of the option `maxFilesPerTrigger` that is an expression is not supported here. (give a text, a number, TRUE, FALSE or a parameter; texts can be composed with || or concat)
====
# Options have names.
SELECT * FROM read_files('/a', 'json')
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read near `)`. (None)
====
# Without a path.
SELECT * FROM read_files()
---
! Unsupported 10: The path of read_files that is no constant is not supported here. (give a text, a number, TRUE, FALSE or a parameter; texts can be composed with || or concat)
