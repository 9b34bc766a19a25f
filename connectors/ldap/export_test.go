package ldap

// ReadInPieces has long lists asked for in pieces of this many values, as a domain controller cuts them at 1,500.
func (t *Target) ReadInPieces(of int) { t.pieces = of }

// ListApart has lists of up to this many accounts ask for the groups of each by itself.
func (t *Target) ListApart(most int) { t.apart = most }
