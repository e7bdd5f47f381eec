"""What `cluster` is made of: linkage and joining of groups, what keeps them apart, and the health of the result."""
