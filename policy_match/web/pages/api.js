// Draws the document of the API; nothing is sent from the page but the request for the document.
SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  supportedSubmitMethods: [],
  validatorUrl: null,
});
