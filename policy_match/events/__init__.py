"""What other systems are told, and how webhooks get it. Pure; delivery is `services.send_webhooks`."""
