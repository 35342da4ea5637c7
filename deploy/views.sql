-- What Databricks itself records, with the names of the users' document, and measures that nobody may add up wrongly.
-- The job `update` makes these views when the tables are there. Who makes them needs SELECT on the schemas `access` and
-- `billing` of the catalog `system`.
USE CATALOG IDENTIFIER(:catalog);

CREATE OR REPLACE VIEW system.data_lineage
COMMENT 'De qué tabla se calculó cada tabla, según Databricks'
AS SELECT
    source_table_full_name AS source_table,
    target_table_full_name AS target_table,
    concat_ws(' ', entity_type, entity_id) AS transformation_logic,
    event_time AS execution_timestamp,
    coalesce(entity_metadata.job_info.job_id, entity_metadata.dlt_pipeline_info.dlt_pipeline_id) AS job_id
FROM system.access.table_lineage
WHERE source_table_full_name IS NOT NULL
    AND target_table_catalog = (SELECT catalog_name FROM information_schema.information_schema_catalog_name);

CREATE OR REPLACE VIEW system.column_lineage
COMMENT 'De qué columna se calculó cada columna, según Databricks'
AS SELECT
    source_table_full_name AS source_table,
    source_column_name AS source_column,
    target_table_full_name AS target_table,
    target_column_name AS target_column,
    concat_ws(' ', entity_type, entity_id) AS transformation_logic,
    event_time AS execution_timestamp,
    coalesce(entity_metadata.job_info.job_id, entity_metadata.dlt_pipeline_info.dlt_pipeline_id) AS job_id
FROM system.access.column_lineage
WHERE source_table_full_name IS NOT NULL
    AND target_table_catalog = (SELECT catalog_name FROM information_schema.information_schema_catalog_name);

CREATE OR REPLACE VIEW monitoreo.costos
COMMENT 'Lo que cuesta el proyecto por día, ambiente, capa y carga de trabajo, según sus etiquetas'
AS SELECT
    date_from_unix_date(CAST(floor(unix_seconds(from_utc_timestamp(u.usage_start_time, 'America/Costa_Rica')) / 86400) AS INT)) AS fecha,
    u.custom_tags['project'] AS proyecto,
    u.custom_tags['environment'] AS ambiente,
    u.custom_tags['layer'] AS capa,
    u.custom_tags['workload'] AS carga,
    u.billing_origin_product AS producto,
    u.usage_unit AS unidad,
    sum(u.usage_quantity) AS cantidad,
    sum(u.usage_quantity * p.pricing.effective_list.default) AS costo,
    p.currency_code AS moneda
FROM system.billing.usage u
LEFT JOIN system.billing.list_prices p
    ON u.sku_name = p.sku_name
    AND u.cloud = p.cloud
    AND u.usage_unit = p.usage_unit
    AND u.usage_start_time >= p.price_start_time
    AND (p.price_end_time IS NULL OR u.usage_start_time < p.price_end_time)
WHERE u.custom_tags['project'] = 'altrupets'
GROUP BY ALL;

-- Averages of averages are wrong; here each measure is computed from the facts. Rescuers are not counted here: who reads
-- through a mask would count one. `rescue_daily_metrics` has how many were active on each day in each region.
CREATE OR REPLACE VIEW altrupets_gold.metricas_rescates
WITH METRICS
LANGUAGE YAML
AS $$
version: 1.1
comment: Rescates completados, con medidas correctas en cualquier agrupación
source: altrupets_gold.powerbi_fact_rescues
dimensions:
  - name: fecha
    expr: date
  - name: region
    expr: region_key
  - name: especie
    expr: animal_key
measures:
  - name: total_rescues
    expr: COUNT(1)
  - name: avg_response_time
    expr: AVG(response_time_minutes)
  - name: success_rate
    expr: AVG(CAST(success_flag AS INT))
$$;
