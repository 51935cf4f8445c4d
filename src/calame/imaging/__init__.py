"""Pixels in, clean pixels out: decoding, the preparation steps and their recipe, quality. No learning here."""
