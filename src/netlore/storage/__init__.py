"""What lies on disk: scores, rounds, archives, documents."""
