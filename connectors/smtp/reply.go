package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/textproto"

	"gatehouse/connectors"
)

// stage is how far a session has come.
type stage int

const (
	greeting stage = iota
	encryption
	signIn
	sender
	recipient
	content
)

// at is an error with the stage at which it came.
type at struct {
	stage stage
	error
}

func (a at) Unwrap() error { return a.error }

var (
	errNoStartTLS = errors.New("the server offers no STARTTLS, and nothing is sent in the clear: see mail.smtp.tls and mail.smtp.port")
	errNoAuth     = errors.New("the server lets nobody sign in with a password: see mail.smtp.username, or allow SMTP AUTH for the mailbox")
)

// Codes of what a server refused for good, by the command.
const (
	CodeSender    = "sender_refused"
	CodeRecipient = "recipient_refused"
	CodeContent   = "content_refused"
	CodeSignIn    = "sign_in_refused"
)

// failed says what a session came to. The server's own words stay out of it: they quote addresses.
func failed(ctx context.Context, op string, err error) error {
	e := &connectors.Error{System: System, Op: op, Kind: connectors.KindUnavailable}
	var where at
	_ = errors.As(err, &where) // Every error has a stage; one without is of the greeting.
	var reply *textproto.Error
	switch {
	case ctx.Err() != nil:
		e.Err = ctx.Err()
	case errors.As(err, &reply):
		e.Err = fmt.Errorf("the server said %d to %s", reply.Code, where.stage)
		e.Kind, e.Code = refusal(where.stage, reply.Code)
	case errors.Is(err, errNoStartTLS), errors.Is(err, errNoAuth):
		e.Err = where.error
	case untrusted(err):
		e.Err = errors.New("its certificate is not trusted here, is not for this name, or has run out: renew it, or set mail.smtp.ca_file")
	default:
		e.Err = fmt.Errorf("the connection failed at %s", where.stage)
	}
	return e
}

// refusal is what a reply means. Only what is about the e-mail itself stays as it is: a credential, and who may send, are repaired by
// people, after which the same e-mail goes.
func refusal(s stage, code int) (connectors.Kind, string) {
	if code < 500 {
		return connectors.KindUnavailable, ""
	}
	switch s {
	case signIn:
		return connectors.KindUnauthorized, CodeSignIn
	case sender:
		return connectors.KindUnauthorized, CodeSender
	case recipient:
		if code == authRequired {
			return connectors.KindUnauthorized, CodeSignIn
		}
		return connectors.KindInvalid, CodeRecipient
	case content:
		return connectors.KindInvalid, CodeContent
	case greeting, encryption:
	}
	return connectors.KindUnavailable, ""
}

// authRequired is what a server says to a command that wants a sign-in first. Source: RFC 4954, section 6.
const authRequired = 530

// untrusted reports that a server has no certificate that is good for it.
func untrusted(err error) bool {
	var check *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &check) || errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid)
}

// String names the stage to an operator.
func (s stage) String() string {
	return [...]string{"the greeting", "the start of encryption", "the sign-in", "the sender", "the recipient", "the text"}[s]
}
