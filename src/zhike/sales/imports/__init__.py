"""Files of orders: from the staging table to orders with their lines and products."""
