"""What people write from: one channel a file, each only decodes and encodes."""
