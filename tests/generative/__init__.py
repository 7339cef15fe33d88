"""Generated policies over generated facts: engines must agree, and the meaning must obey its laws."""
