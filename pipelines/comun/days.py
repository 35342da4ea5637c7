"""The day on which something happened is Costa Rica's: declared here, whatever the session's time zone is."""

ZONE = "America/Costa_Rica"


def day(moment: str) -> str:
    """SQL: the day of a TIMESTAMP. No function of Spark's gives it that doesn't ask the session's zone, too.

    Args:
        moment: SQL that gives the time.
    """
    there = f"from_utc_timestamp({moment}, '{ZONE}')"
    return f"date_from_unix_date(CAST(floor(unix_seconds({there}) / 86400) AS INT))"


def day_key(moment: str) -> str:
    """SQL: the day as the key of `date_dimension`, yyyymmdd."""
    return f"CAST(date_format({day(moment)}, 'yyyyMMdd') AS INT)"
