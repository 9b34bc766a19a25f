package target

import "context"

// LicenceLister shows who has which licence, for less than asking for each account.
type LicenceLister interface {
	LicenceReader
	// LicenceHolders shows everybody who has a licence of a kind that Licences shows, to the end. An answer that may be far from complete
	// is an error of KindMalformed. It may be repeated, and nobody waits for it. It may take as long as a list of all accounts: Told, if it
	// is not nil, is called after each page, such as to say that it is still at it.
	LicenceHolders(ctx context.Context, in LicenceHoldersRequest) (LicenceHoldersResponse, error)
}

// LicenceHoldersRequest asks for all kinds. Told is called after each page.
type LicenceHoldersRequest struct{ Told func() }

// LicenceHoldersResponse has the ids of an account's licences by the account's id. One that is not in it has none.
type LicenceHoldersResponse struct{ Licences map[string][]string }
