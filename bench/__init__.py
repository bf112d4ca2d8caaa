"""What siaga112 costs, measured beside a plain reference in the same run, so that the machine cancels out.

`python -m bench [offer|load|router|memory|ear …]`, or `make bench` for all. Real Asterisk, PostgreSQL and
SIPp wherever the figure is about calls; nothing here is a test with a clock in it.
"""
