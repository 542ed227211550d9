"""Methods of refinement side by side: sentences, tables and the page; their figures are in `report.paper`."""
