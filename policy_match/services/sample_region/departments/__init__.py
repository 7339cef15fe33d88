"""What each department hands over about the invented firms: one module and one file each."""
