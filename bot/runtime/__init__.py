"""Where things happen: what arrives is written and answered, then what was promised is done."""
