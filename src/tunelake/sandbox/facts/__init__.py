"""Hand-written facts about real artists, and the catalogue made of them."""
