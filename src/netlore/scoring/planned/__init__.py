"""Networks that are known as plans, their passes written out by hand."""
