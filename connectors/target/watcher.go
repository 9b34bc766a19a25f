package target

import "context"

// Watcher tells which accounts may have changed, for less than a list costs.
type Watcher interface {
	// Changes names what may have changed since a cookie was given. It is a hint: what it names is read, and what it does not name may
	// have changed all the same, so that lists go on beside it. The first request has no cookie and names nothing. Where the system
	// cannot say what has changed since, such as after it has forgotten, the answer says Everything and has a cookie to go on with. A
	// cookie that is of no system of this kind is an error of KindInvalid. It may be repeated with the same cookie.
	Changes(ctx context.Context, in ChangesRequest) (ChangesResponse, error)
}

// ChangesRequest asks for what may have changed.
type ChangesRequest struct{ Cookie string }

// ChangesResponse is what may have changed.
type ChangesResponse struct {
	// Accounts are ids of accounts that were made, changed or deleted, each once, in ascending order. An id may be that of something
	// else, or of nothing any more: a read tells.
	Accounts []string
	// Groups are ids of groups in which somebody may have come or gone, where the system tells.
	Groups []string
	// Everything says that anything may have changed.
	Everything bool
	// Cookie is what to ask with the next time. It is good over restarts.
	Cookie string
}
