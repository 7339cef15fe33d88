"""Who is asking: staff, a firm's users, machines; what each may do. Pure."""
