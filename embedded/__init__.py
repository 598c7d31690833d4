"""The PostgreSQL that comes with the product: started for whoever asks, kept and stopped by a small
process of its own.
"""
