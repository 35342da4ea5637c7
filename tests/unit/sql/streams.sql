# STREAM with and without brackets.
SELECT * FROM STREAM(raw.orders) JOIN STREAM raw.customer ON orders.id = customer.id
---
SELECT * FROM STREAM(__weir_0) AS `orders` JOIN STREAM __weir_1 AS `customer` ON orders.id = customer.id
> raw.orders stream
> raw.customer stream
====
# The alias stands behind the bracket.
SELECT a.x, t.y FROM STREAM(live.s) AS a, STREAM(t), stream(u) b
---
SELECT a.x, t.y FROM STREAM(__weir_0) AS a, STREAM(__weir_1) AS `t`, stream(__weir_2) b
> live.s stream
> t stream
> u stream
====
# Options go to the reader.
SELECT * FROM STREAM live.t WITH (skipChangeCommits = true, 'startingVersion' = 3, ignoreDeletes 'true') AS a
---
SELECT * FROM STREAM __weir_0 AS a
> live.t stream skipChangeCommits=true startingVersion=3 ignoreDeletes=true
====
# Of a batch too, and behind brackets.
SELECT * FROM t WITH (readChangeFeed = 'true', startingVersion = 0), STREAM(u) WITH (maxFilesPerTrigger = 1) v
---
SELECT * FROM __weir_0 AS `t`, STREAM(__weir_1) v
> t readChangeFeed=true startingVersion=0
> u stream maxFilesPerTrigger=1
====
# An option without a value is true.
SELECT b.id FROM STREAM(t) WITH (SKIPCHANGECOMMITS) b JOIN STREAM u WITH (startingVersion = 3, SkipChangeCommits) WHERE b.id > 1
---
SELECT b.id FROM STREAM(__weir_0) b JOIN STREAM __weir_1 AS `u` WHERE b.id > 1
> t stream SKIPCHANGECOMMITS=true
> u stream startingVersion=3 SkipChangeCommits=true
====
# Not what an expression gives.
SELECT * FROM STREAM t WITH (startingVersion = now())
---
! Unsupported 10: A value of the option `startingVersion` that is not a literal is not supported here. (give a number, a text or an expression of constants; a parameter is given by its name)
====
# A delay is an interval.
SELECT * FROM STREAM t WATERMARK ts DELAY OF 10
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read near `10`. (None)
====
# A value has to be there when the text is read.
SELECT * FROM STREAM t WITH (startingVersion = 1 + 1)
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read near `+`. (None)
====
# The alias stands behind WATERMARK.
SELECT id, count(*) AS n FROM STREAM(prod.raw.orders) WATERMARK ts DELAY OF INTERVAL 10 MINUTES GROUP BY id, window(ts, '1 hour')
---
SELECT id, count(*) AS n FROM STREAM(__weir_0) WATERMARK ts DELAY OF INTERVAL 10 MINUTES AS `orders` GROUP BY id, window(ts, '1 hour')
> prod.raw.orders stream
====
# WATERMARK of an expression, intervals of several units, aliases behind them.
SELECT * FROM STREAM a WATERMARK to_timestamp(a.x) AS ts DELAY OF INTERVAL '1' HOUR 30 MINUTES AS b JOIN STREAM(c) WATERMARK ts DELAY OF INTERVAL 10 SECONDS d ON b.ts = d.ts
---
SELECT * FROM STREAM __weir_0 WATERMARK to_timestamp(a.x) AS ts DELAY OF INTERVAL '1' HOUR 30 MINUTES AS b JOIN STREAM(__weir_1) WATERMARK ts DELAY OF INTERVAL 10 SECONDS d ON b.ts = d.ts
> a stream
> c stream
====
# WATERMARK of a query.
SELECT * FROM (SELECT * FROM STREAM t) WATERMARK ts DELAY OF INTERVAL 1 DAY q
---
SELECT * FROM (SELECT * FROM STREAM __weir_0 AS `t`) WATERMARK ts DELAY OF INTERVAL 1 DAY q
> t stream
====
# Also as a name.
SELECT watermark.x, watermark FROM watermark
---
SELECT watermark.x, watermark FROM __weir_0 AS `watermark`
> watermark
====
# Only the text of a literal looks like a stream.
SELECT 'STREAM t WITH (a=b)' AS s FROM STREAM(t)
---
SELECT 'STREAM t WITH (a=b)' AS s FROM STREAM(__weir_0) AS `t`
> t stream
====
# GROUP BY window comes first.
SELECT window(ts, '1 hour').start AS hour, count(*) AS n FROM raw.orders GROUP BY window(ts, '1 hour')
---
SELECT window(ts, '1 hour').start AS hour, count(*) AS n FROM __weir_0 AS `orders` GROUP BY window(ts, '1 hour')
> raw.orders
====
# A column called window.
SELECT window, window.start, count(*) FROM t GROUP BY window ORDER BY window
---
SELECT window, window.start, count(*) FROM __weir_0 AS `t` GROUP BY window ORDER BY window
> t
====
# Topics of Kafka; options with dots stand in backquotes.
SELECT value::string FROM STREAM read_kafka(
  bootstrapServers => 'x:9092', subscribe => 'a,b', `kafka.security.protocol` => 'SASL_SSL', maxOffsetsPerTrigger => 5
) k
---
SELECT value::string FROM STREAM __weir_0

 k
> read_kafka stream bootstrapServers=x:9092 subscribe=a,b kafka.security.protocol=SASL_SSL maxOffsetsPerTrigger=5
====
# The older spelling of STREAM, and an argument that is computed.
SELECT * FROM STREAM(read_kinesis(streamName => "a" || :schema, awsSecretKey => secret('s', 'k'))) WHERE data IS NOT NULL
---
SELECT * FROM STREAM(__weir_0) WHERE data IS NOT NULL
> read_kinesis stream streamName=araw awsSecretKey=(secret('s', 'k'))
====
# A secret within a text.
SELECT * FROM STREAM read_pubsub(subscriptionId => 's', privateKey => concat('-', secret('a', 'b')), topicId => 't')
---
SELECT * FROM STREAM __weir_0
> read_pubsub stream subscriptionId=s topicId=t privateKey=(concat('-', secret('a', 'b')))
====
# A batch of a topic, beside a table, in a common table expression.
WITH k AS (SELECT * FROM read_kafka(subscribe => 't', bootstrapServers => 'x')) SELECT k.value FROM k JOIN t ON k.offset = t.id
---
WITH k AS (SELECT * FROM __weir_0) SELECT k.value FROM k JOIN __weir_1 AS `t` ON k.offset = t.id
> read_kafka subscribe=t bootstrapServers=x
> t
====
# An argument can't depend on rows.
SELECT * FROM STREAM read_kinesis(streamName => (SELECT max(name) FROM t))
---
! Unsupported 10: The value of `streamName` in read_kinesis that is no constant is not supported here. (give a text, a number, TRUE, FALSE or a parameter; texts can be composed with || or concat)
====
# Arguments have names.
SELECT * FROM STREAM read_kafka('x:9092')
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read near `)`. (None)
====
# Pulsar.
SELECT * FROM STREAM read_pulsar(serviceUrl => 'x')
---
! Unsupported 10: `STREAM read_pulsar` is not supported here. (let the records come through Kafka: read_kafka(...))
====
# A query of another system.
SELECT * FROM remote_query('shop', query => 'SELECT 1')
---
! Unsupported 10: `remote_query` is not supported here. (give its rows as a table: read it by a name, and pass --table NAME=FOLDER)
====
# A function's rows are no stream.
SELECT * FROM STREAM range(10)
---
! Unsupported 10: `STREAM range` is not supported here. (read it without STREAM: its rows are all there at once)
====
# A stream of a query.
SELECT * FROM STREAM(SELECT * FROM t)
---
! Unsupported 10: STREAM of a query is not supported here. (make the query a view, and read STREAM(view))
====
# CHANGES of Spark 4.2.
SELECT * FROM t CHANGES FROM VERSION 1 TO VERSION 2
---
! Unsupported 10: CHANGES of a table is not supported here. (write table_changes('table', from), or STREAM table WITH (readChangeFeed = true))
====
# And of a stream.
SELECT * FROM STREAM t CHANGES
---
! Unsupported 10: CHANGES of a table is not supported here. (write table_changes('table', from), or STREAM table WITH (readChangeFeed = true))
====
# IDENTIFIED BY is Spark's.
SELECT * FROM STREAM t IDENTIFIED BY me x
---
SELECT * FROM STREAM __weir_0 IDENTIFIED BY me x
> t stream
