"""Words every stage shares: ids, names, pages, rows, rights, cards. Pure."""
