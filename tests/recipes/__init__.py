"""Recipes: check requests in clients and gateways.

Copy the one you need; each needs only the library that it is for.
"""
