"""From eligible decisions to what is owed: limits, prior aid, stacking, budgets, instalments, cost shares; pure."""
