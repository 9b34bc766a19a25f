package target

import "context"

// Write names the account that a write is for.
type Write struct {
	ID string
	// Lifted says that two people have lifted the protection of this account for this.
	Lifted bool
}

// Suspender ends sign-in.
type Suspender interface {
	// Suspend makes an account unable to sign in, until Resume and no earlier: a lock that lapses is none. It takes nothing
	// else away, and ends no session. It may be repeated: an account that is suspended already stays so and is no error.
	// It returns the account as the system answered. Where sign-in has ended, and the system refuses what goes with it, such as to
	// give a licence back, the account comes beside an error of KindConflict that says what is left to do by hand.
	Suspend(ctx context.Context, in Write) (Account, error)
}

// Resumer gives sign-in back.
type Resumer interface {
	// Resume makes an account able to sign in again with what it had. It may be repeated. It lifts a suspension whoever made
	// it: whether it may is for the caller to know. Unlike Suspend it may be held back by a limiter.
	// It returns the account as the system answered.
	Resume(ctx context.Context, in Write) (Account, error)
}

// SessionEnder ends sessions.
type SessionEnder interface {
	// EndSessions ends the sessions that the system itself holds, and leaves the account as it is: who may sign in can begin
	// another. Sessions that run inside apps go on unless the system can end them. It may be repeated, also where there are
	// none.
	EndSessions(ctx context.Context, in Write) error
}

// Remover takes memberships away.
type Remover interface {
	// Remove takes an account out of these roles or groups and leaves it in all others. One that it is not in is no error;
	// an empty list sends nothing. It may be repeated. A rule of the system itself may put the account back: only Read tells.
	// Where the system refuses one of several, the account is out of the others, and the error is connectors.Refusals, which names it.
	Remove(ctx context.Context, in RemoveRequest) error
}

// RemoveRequest names the memberships to take away, by ids as Read shows them.
type RemoveRequest struct {
	Write
	From []string
}
