"""Files of customers and orders: reading, recognising, cleaning, staging, matching, writing, undoing."""
