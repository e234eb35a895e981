"""The questions: Cypher templates with checked headers, their catalogue, and what runs them."""
