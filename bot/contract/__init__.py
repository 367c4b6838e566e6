"""Every address that the service answers, as an OpenAPI contract: docs/siaga-http-openapi.json."""
