"""Customer value analytics: RFM, lifetime value, lifecycle, grades. Pure: reads no clock, no disk, no setting."""
