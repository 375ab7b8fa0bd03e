"""Pure decisions about customers: values in, value out."""
