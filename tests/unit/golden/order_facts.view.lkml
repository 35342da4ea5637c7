view: order_facts {
  sql_table_name: `prod`.`gold`.`order_facts` ;;

  dimension: order_id {
    type: string
    sql: ${TABLE}.`order_id` ;;
  }

  dimension: date_key {
    type: number
    sql: ${TABLE}.`date_key` ;;
  }

  dimension: amount {
    type: number
    sql: ${TABLE}.`amount` ;;
  }

  dimension: items {
    type: number
    sql: ${TABLE}.`items` ;;
  }

  dimension: minutes {
    type: number
    sql: ${TABLE}.`minutes` ;;
  }

  dimension: paid {
    description: "Said by the \"bank\""
    type: yesno
    sql: ${TABLE}.`paid` ;;
  }

  dimension_group: ordered_at {
    type: time
    timeframes: [raw, time, hour, date, week, month, quarter, year]
    datatype: timestamp
    sql: ${TABLE}.`ordered_at` ;;
  }

  measure: count {
    type: count
  }

  measure: sum_amount {
    type: sum
    sql: ${TABLE}.`amount` ;;
  }

  measure: sum_items {
    type: sum
    sql: ${TABLE}.`items` ;;
  }

  measure: average_minutes {
    type: average
    sql: ${TABLE}.`minutes` ;;
  }

  measure: average_paid {
    type: average
    sql: CAST(${TABLE}.`paid` AS INT) ;;
  }
}
