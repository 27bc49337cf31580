"""Who is erased, answers without them, and what keeps them from coming back."""
