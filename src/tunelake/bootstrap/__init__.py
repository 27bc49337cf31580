"""The only builder of adapters: settings in, parts put together out."""
