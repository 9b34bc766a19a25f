package letters

import (
	"context"
	"errors"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/smtp"
	"gatehouse/ledger"
)

// Sender sends e-mails, each once per OnceKey.
type Sender interface {
	// Configured reports that there is something to send by.
	Configured() bool
	// Deliver sends an e-mail. Without anything to send by it fails with what to configure; what [Refuses] reports is about this
	// e-mail's recipient and nobody else.
	Deliver(ctx context.Context, l Letter) (api.Mailed, error)
}

// Mailer sends by a mail server. SMTP takes no key and cannot be asked: an e-mail whose reply was lost is sent again, with the
// Message-ID that it had, by which the recipient's server knows it.
type Mailer struct {
	Client *smtp.Client
	Ledger *ledger.Ledger
	// From is the address that e-mails are sent from, Name what stands beside it.
	From, Name string
	Clock      func() time.Time
}

// Configured implements [Sender].
func (m *Mailer) Configured() bool { return true }

// Deliver implements [Sender].
func (m *Mailer) Deliver(ctx context.Context, l Letter) (api.Mailed, error) {
	_, domain, _ := strings.Cut(m.From, "@")
	id := step.Mark(l.OnceKey) + "@" + domain
	text, err := l.Compose(Envelope{Name: m.Name, From: m.From, Marker: step.Mark(l.OnceKey), ID: id, Date: m.Clock()})
	if err != nil {
		return api.Mailed{}, err
	}
	mailed, err := step.Once(ctx, m.Ledger, m.Clock, step.Creation[api.Mailed]{
		Key:  l.OnceKey + "/smtp",
		Find: func(context.Context, time.Time) (api.Mailed, bool, error) { return api.Mailed{}, false, nil },
		Make: func(ctx context.Context) (api.Mailed, error) {
			defer step.Pulse(ctx, step.PulseEvery)()
			return api.Mailed{ID: id}, m.Client.Send(ctx, smtp.Mail{From: m.From, To: address(l.To), Text: text})
		},
	})
	return mailed, OfOne(err)
}

// refusedError is a refusal of one recipient.
type refusedError struct{ error }

// Unwrap returns what was said.
func (r refusedError) Unwrap() error { return r.error }

// Refuses reports that an error is a refusal of one recipient: asking again would not help, and nobody else is concerned.
func Refuses(err error) bool {
	var refused refusedError
	return errors.As(err, &refused)
}

// OfOne marks the error of a call that is about one recipient and nothing else, if it was refused for good.
func OfOne(err error) error {
	if connectors.IsKind(err, connectors.KindInvalid) || connectors.IsKind(err, connectors.KindConflict) {
		return refusedError{err}
	}
	return err
}
