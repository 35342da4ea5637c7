CREATE OR REFRESH STREAMING TABLE orders (
  CONSTRAINT large_enough EXPECT (amount >= ${smallest_order}) ON VIOLATION DROP ROW
)
COMMENT "Orders that count."
AS SELECT order_id, customer, country, CAST(amount AS DOUBLE) AS amount FROM STREAM(LIVE.orders_bronze);

CREATE OR REFRESH MATERIALIZED VIEW revenue
COMMENT "Revenue and customers by country."
TBLPROPERTIES (quality = "gold")
AS SELECT c.name AS country, sum(o.amount) AS revenue, count(DISTINCT o.customer) AS customers
FROM orders o JOIN main.reference.countries c ON c.code = o.country
GROUP BY ALL;
