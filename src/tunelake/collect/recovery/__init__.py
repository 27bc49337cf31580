"""A ledger brought up to the landing log, after a kill or a loss."""
