package target

import "context"

// LicenceReader says what is left of the licences that accounts take.
type LicenceReader interface {
	// Licences shows every kind of licence, to the end, each once. It may be repeated, and lags behind writes by as much as the
	// system does.
	Licences(ctx context.Context, in LicencesRequest) (LicencesResponse, error)
}

// LicencesRequest asks for all kinds.
type LicencesRequest struct{}

// Licence is a kind of licence. Total is how many there are and Used how many accounts have one, -1 where the system does not say
// or sets no limit.
type Licence struct {
	ID, Name    string
	Total, Used int
}

// LicencesResponse is every kind.
type LicencesResponse struct{ Licences []Licence }
