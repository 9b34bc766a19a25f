package ledger

import "gatehouse/ledger/engine"

// Options are the choices of [Open]. The zero value is a working default.
type Options = engine.Options

// Errors of a ledger, as every store returns them.
var (
	// ErrNotFound is returned when the row that a method is to change does not exist.
	ErrNotFound = engine.ErrNotFound
	// ErrNoLedger is returned by [Open] with [Options.MustExist] where there is no ledger.
	ErrNoLedger = engine.ErrNoLedger
	// ErrNewer is returned by [Open] where a newer program has brought the schema further than this one knows.
	ErrNewer = engine.ErrNewer
	// ErrClosed is returned by every write after Close.
	ErrClosed = engine.ErrClosed
)
