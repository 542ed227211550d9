"""Networks are trained here, by recipes that are data, and what happened is recorded."""
