view: date_dimension {
  sql_table_name: `prod`.`gold`.`date_dimension` ;;

  dimension: date_key {
    primary_key: yes
    type: number
    sql: ${TABLE}.`date_key` ;;
  }

  dimension_group: date {
    type: time
    timeframes: [raw, date, week, month, quarter, year]
    convert_tz: no
    datatype: date
    sql: ${TABLE}.`date` ;;
  }

  dimension: year {
    type: number
    sql: ${TABLE}.`year` ;;
  }

  measure: count {
    type: count
  }
}
