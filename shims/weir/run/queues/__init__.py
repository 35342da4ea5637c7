"""What readers of Kafka, Kinesis, Pub/Sub and Event Hubs give, from files or from topics."""
