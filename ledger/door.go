package ledger

import "gatehouse/ledger/engine"

// What users of a ledger need of the engine below it.
type (
	// Options are the choices of [Open]. The zero value is a working default.
	Options = engine.Options
	// Sealer encrypts the columns that hold personal data.
	Sealer = engine.Sealer
)

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

// NewSealer returns a Sealer: see [engine.NewSealer].
func NewSealer(active string, keys map[string][]byte) (*Sealer, error) {
	return engine.NewSealer(active, keys)
}
