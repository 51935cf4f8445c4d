"""The main path: a picture becomes a reading."""
