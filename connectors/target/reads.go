package target

import (
	"context"
	"time"
)

// System is what every system can do: read one account. The other capabilities are found by asking whether it implements
// their interface.
type System interface {
	// Read reads an account whole, as it is now: neither from a cache nor from a search index. It may be repeated, and
	// changes nothing. An account that does not exist is an error of KindNotFound.
	Read(ctx context.Context, in ReadRequest) (Account, error)
}

// ReadRequest names the account to read.
type ReadRequest struct {
	ID string
	// Urgent says that the end of somebody's access depends on the answer: it is sent whatever is left of a quota.
	Urgent bool
}

// Finder finds accounts by what they carry.
type Finder interface {
	// Find returns all accounts that carry exactly this, whatever their status, each once and none that merely looks alike.
	// Texts are compared as the system's sign-in does: addresses and usernames in whatever case. An empty result may be one
	// of an index that lags: it proves that there was no account a while ago. A text that the system cannot search for, an
	// empty one or one with its wildcard, is an error of KindInvalid.
	Find(ctx context.Context, in FindRequest) ([]Account, error)
}

// FindRequest is what an account is found by: one of the fields.
type FindRequest struct{ ExternalID, Email, Username string }

// Lister lists all accounts for the inventory.
type Lister interface {
	// List returns one page. The first has the cursor ""; a page without a next cursor is the last, also where it is empty,
	// and no page leads to itself. A cursor is good over restarts for as long as the system takes it; one that it does not
	// take any more is an error of KindInvalid, and the list begins anew. Over all pages no account comes twice. One that is
	// there the whole time is shown, but for at most as many as were deleted between two pages: Total tells whether any
	// may be missing, and what is missing is asked for by its id. The limiter may hold a page back (KindRateLimited), because
	// nobody waits for an inventory.
	List(ctx context.Context, in ListRequest) (ListResponse, error)
}

// ListRequest asks for a page.
type ListRequest struct {
	// Since lists only accounts that were changed after this instant, all if it is zero. It is repeated with each cursor.
	Since  time.Time
	Cursor string
}

// ListResponse is a page.
type ListResponse struct {
	Accounts []Account
	// Next is the cursor of the next page, "" after the last.
	Next string
	// Total is how many accounts the whole list has as the system counts, -1 if it did not say.
	Total int
	// AsOf is when Memberships were read, which may be before the request by half a minute; zero if they were read for this page.
	AsOf time.Time
}
