"""The benchmarks: ratios against a stated baseline in one run, with the machine they ran on.

Invariant: no test is timed; a figure is printed here or nowhere.
"""
