"""What every page and answer goes through: guards, readers, headers, error pages, filters, files, and pictures of
pages.
"""
