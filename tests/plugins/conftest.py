"""The packages below this folder are installed and then used, not collected."""

collect_ignore_glob = ["*/*.py"]
