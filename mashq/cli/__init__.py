"""The command line: one module a person, and the plugin that makes hidden checks run under pytest."""
