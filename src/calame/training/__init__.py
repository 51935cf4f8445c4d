"""Training and evaluation: fit, record, metrics, robustness, report."""
