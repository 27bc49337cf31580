"""Where the parts of a lake are: folders of this machine, or prefixes in a bucket."""
