"""Messages to the webhooks of other systems, over HTTPS."""
