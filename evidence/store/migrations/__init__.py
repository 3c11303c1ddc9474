"""Schema of the store, one file a version under `versions/`, applied by Alembic."""
