package target

import (
	"context"
	"time"
)

// AutoReplier answers mail in somebody's place.
type AutoReplier interface {
	// SetAutoReply has the mailbox answer each mail with a text, and replaces what was set before. It may be repeated. A mailbox
	// that is not open, such as that of a suspended account, is an error of KindInvalid.
	SetAutoReply(ctx context.Context, in AutoReplyRequest) error
	// EndAutoReply has the mailbox answer nothing any more, and keeps what it answered for whoever switches it on again. One that
	// answers nothing is no error and is not written, nor is one of which Ours says that it is somebody else's. It may be repeated.
	// A mailbox that is not open is an error of KindInvalid. It reports whether the mailbox was written.
	EndAutoReply(ctx context.Context, in EndReplyRequest) (bool, error)
}

// EndReplyRequest names the mailbox. Ours says by its subject whether the answer is the caller's to end; nil ends any.
type EndReplyRequest struct {
	Write
	Ours func(subject string) bool
}

// ForwardingEnder ends that a mailbox sends on what it gets.
type ForwardingEnder interface {
	// EndForwarding switches automatic forwarding off, whoever set it and wherever to. Filters that forward stay. One that is off is no
	// error and is not written. It may be repeated. A mailbox that is not open is an error of KindInvalid with CodeNoMailbox, a
	// credential that may not read or change mailboxes' settings one of KindUnauthorized. It reports whether the mailbox was written.
	EndForwarding(ctx context.Context, in Write) (bool, error)
}

// CodeNoMailbox is the code of an error about an account that has no mailbox which is open.
const CodeNoMailbox = "no_mailbox"

// AutoReplyRequest is what to answer. Until is when that ends, never if it is zero.
type AutoReplyRequest struct {
	Write
	Subject, Text string
	Until         time.Time
}

// MailDelegator lets others read and answer an account's mail.
type MailDelegator interface {
	// Delegate lets another account use the mailbox. One that may already is no error. It may be repeated. A mailbox that is not
	// open, and an account that cannot be a delegate, is an error of KindInvalid.
	Delegate(ctx context.Context, in HandoverRequest) error
	// Undelegate ends that for each address of which Ours says that the caller let it, whether or not an account still goes by it. It asks
	// more than once before it takes for certain that there is none, which is no error.
	Undelegate(ctx context.Context, in UndelegateRequest) error
}

// UndelegateRequest names the mailbox. Ours says by a delegate's address whether the caller is to end it.
type UndelegateRequest struct {
	Write
	Ours func(address string) bool
}

// HandoverRequest names an account and, by the id of the same system, who gets something of it.
type HandoverRequest struct {
	Write
	To string
	// Since is when the departure began for which files are handed over: what was handed over before it was another one's. Zero lets any
	// earlier hand-over count. It is by the caller's clock, from which the system's may differ by [ClocksDiffer].
	Since time.Time
}

// ClocksDiffer is by how much a system's clock and the caller's may differ.
const ClocksDiffer = 5 * time.Minute

// DataTransferrer hands over what an account owns.
type DataTransferrer interface {
	// Transfer begins to hand over files and calendars, or says how far a hand-over to the same account is that was begun before: it
	// is begun once for a departure however often it is asked for, and anew for the next. What the system has failed at is KindConflict for
	// a while, and then begun again. Deleting the account before it is done loses the rest.
	Transfer(ctx context.Context, in HandoverRequest) (TransferResponse, error)
}

// TransferResponse is a hand-over. Done says that all of it was handed over, Requested when it was asked for, by the system's clock.
type TransferResponse struct {
	ID        string
	Done      bool
	Requested time.Time
}
