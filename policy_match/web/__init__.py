"""The service over HTTP: the API, who may call it, and the pages."""
