// The documentation of the API, drawn from the OpenAPI document of this server.
const place = document.querySelector("#api");
globalThis.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.document,
  deepLinking: false,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  syntaxHighlight: false,
});
