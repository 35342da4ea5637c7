# The connection shop_prod of Looker: Databricks, shop.cloud.databricks.com, /sql/1.0/warehouses/0a1b
connection: "shop_prod"
label: "shop"
include: "views/date_dimension.view.lkml"
include: "views/order_facts.view.lkml"

explore: date_dimension {
}

explore: order_facts {
  description: "Orders, one row each"

  join: date_dimension {
    type: left_outer
    relationship: many_to_one
    sql_on: ${order_facts.date_key} = ${date_dimension.date_key} ;;
  }
}
