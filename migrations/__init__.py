"""The history of the tables, one numbered file a change (Alembic). Forward only."""
