package target

import "context"

// LicenceAssigner gives licences to accounts and takes them back.
type LicenceAssigner interface {
	LicenceReader
	// LicencesOf shows the licences of one account, by ids as Licences shows them, of those kinds that the implementer was told of.
	LicencesOf(ctx context.Context, in ReadRequest) ([]string, error)
	// AssignLicence gives an account a licence. One that it has is no error. It may be repeated. Where none is left, or another one
	// excludes it, that is an error of KindConflict.
	AssignLicence(ctx context.Context, in LicenceRequest) error
	// ReleaseLicence takes a licence back. One that the account does not have is no error. It may be repeated. The system may
	// delete what the licence was for: it counts as a deletion.
	ReleaseLicence(ctx context.Context, in LicenceRequest) error
}

// LicenceRequest names an account and a licence.
type LicenceRequest struct {
	Write
	Licence string
}
