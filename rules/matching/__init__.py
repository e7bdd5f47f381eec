"""Which records are one customer: block, compare, fit, score, cluster.

`engine.match` does it all. The steps, one file each: `encode`, `blocking` (which rules) and `block` (the pairs),
`compare` with `kinds` (levels), `chance` and `tree` (what strangers agree on), `em` and `fit` (classes, their names),
`score` (weight and relation of any pair), `cluster` with `linkage` and `contract` (clusters, not closures), `health`
(how well they hold), `explain` with `attribution`, and `story` (why).
"""
