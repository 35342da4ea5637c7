"""What BI tools open: texts made of values, for Looker, Tableau, Power BI and JDBC."""
