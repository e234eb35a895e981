"""What is computed from ready studies, as a store holds them."""
