"""General pictures: what is on a photo, by a network that the user brings, and networks for one's own classes."""
