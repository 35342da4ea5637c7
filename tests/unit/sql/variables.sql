# In names, literals, and beside each other.
SELECT '${start}' AS a, ${catalog}_x FROM ${catalog}.raw.orders WHERE ts > '${start}T${start}'
---
SELECT '2024-01-01' AS a, prod_x FROM __weir_0 AS `orders` WHERE ts > '2024-01-01T2024-01-01'
> prod.raw.orders
====
# Values may have variables.
SELECT raw.orders.id FROM ${from}.orders
---
SELECT orders.id FROM __weir_0 AS `orders`
> prod.raw.orders
====
# Those of Spark's configuration.
SELECT '${spark:start}', '${sparkconf:start}', "${hiveconf:start}"
---
SELECT '2024-01-01', '2024-01-01', "2024-01-01"
====
# Without a value.
SELECT *
FROM t WHERE x = '${none}'
---
! UNRESOLVED_VARIABLE 11: `${none}` has no value (line 2 of the SQL text). (set `none` in the pipeline's configuration, or weir run --conf none=VALUE)
====
# In a comment it is none.
SELECT 1 -- ${none}
/* ${none} */
---
SELECT 1 -- ${none}
/* ${none} */
====
# Of the machine.
SELECT '${env:HOME}'
---
! Unsupported 10: The variable `${env:HOME}` is not supported here. (put the value into the pipeline's configuration)
====
# Around in a circle.
SELECT '${circle}'
---
! UNRESOLVED_VARIABLE 10: `${circle}` has no value. (set `circle` in the pipeline's configuration, or weir run --conf circle=VALUE)
====
# A quote that is open leaves no comment to be seen.
SELECT '${start}
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read near `'2024-01-01`. (None)
====
# A dollar alone.
SELECT '$', '$x', '{x}', '$ {x}' FROM t
---
SELECT '$', '$x', '{x}', '$ {x}' FROM __weir_0 AS `t`
> t
