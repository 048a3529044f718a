"""Scripts that run a peer: each by itself under the Python that has the peer, and without importing samehand.

In: `posts.jsonl` in the folder named first, and the traces asked for. Out: `TRACE.csv` there for each trace that was
computed (user_a, user_b, first, second: the larger, the stronger), and `seconds.json`, seconds by trace, after each one.
"""
