"""What is made for people to keep: a letter as PDF, a code as QR."""
