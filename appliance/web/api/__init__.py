"""The JSON API under `/api/v1`, the same on unit and central; its description stands at `/api/v1/openapi.json`."""
