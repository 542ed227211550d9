"""The paper's claims as data, the checker of them, and the scripts behind the pages of docs."""
