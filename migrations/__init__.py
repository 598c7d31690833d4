"""The schema: numbered steps for tables, columns and data, and what is installed anew whenever its file changed."""
