"""How a request proves who asks: the cookie of a session, the token of a machine, a provider of OpenID Connect."""
