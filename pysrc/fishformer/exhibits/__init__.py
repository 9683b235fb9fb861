"""The exhibits, one short module each: what it computes, what it draws, its words.

To add one, write its module and name its class in `exhibits/catalogue.py`.
"""
