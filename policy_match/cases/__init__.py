"""What becomes of a benefit that is due: cases, their steps, their approval and objections to them."""
