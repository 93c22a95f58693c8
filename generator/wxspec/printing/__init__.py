"""What the skeletons ask for: lines of Python, made of the representation and the type table."""
