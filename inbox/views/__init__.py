"""What a person sees: pages, and the fragments they are made of."""
