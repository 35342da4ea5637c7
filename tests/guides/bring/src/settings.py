# Databricks notebook source
LANDING = spark.conf.get("landing")
REGION = dbutils.widgets.get("region")
