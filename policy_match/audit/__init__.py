"""What auditors ask and see: a question in one line, the evidence on one case, and what one person did."""
