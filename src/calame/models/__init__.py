"""The networks, one family a file. Input (n, 28, 28, 1) float32 in 0..1, ink bright; output (n, 10) probabilities."""
