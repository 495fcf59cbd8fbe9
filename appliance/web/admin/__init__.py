"""The staff console: signed-in pages under `/admin/` in one shell, keyboard first, at a desk and on a phone."""
