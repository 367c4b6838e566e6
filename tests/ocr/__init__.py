"""The card reader, tried on drawn cards."""
