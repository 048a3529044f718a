"""Records turned into (account, object, time), one small module a trace."""
