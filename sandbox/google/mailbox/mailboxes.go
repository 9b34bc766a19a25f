// Package mailbox simulates Gmail v1: drafts, letters, labels and searches in the mailboxes of one domain.
package mailbox

import (
	"sync"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

// Mailboxes are those of everybody in a domain.
type Mailboxes struct {
	t      *tenant.Tenant
	domain string
	series *wire.Series
	// may reports that the caller's token has one of some scopes. It is asked without the lock.
	may    func(c *tenant.Call, scopes string) bool
	people People

	mu      sync.RWMutex
	refused map[string]string
	drafts  map[string]*Mail
	mails   []*Mail
	labels  []label
	// configured are settings by the mailbox's address.
	configured map[string]*settings
	delegating bool
}

// People are the users of the domain.
type People interface {
	// Mailbox returns the primary address of a user by any address, and whether mail can be had there. It is "" for nobody.
	Mailbox(address string) (primary string, open bool)
}

// Everything is the scope of all that can be done in Gmail, which has another form than the others.
const Everything = "https://mail.google.com/"

// Scopes, as Google writes them.
const (
	scopeDraft     = "gmail.modify gmail.compose"
	scopeSend      = scopeDraft + " gmail.send"
	scopeRead      = "gmail.modify gmail.readonly"
	scopeDraftRead = scopeDraft + " gmail.readonly"
)

// New returns the empty mailboxes of a domain. Series numbers what comes to exist; may reports that the caller's token has one of some scopes.
func New(t *tenant.Tenant, domain string, series *wire.Series, may func(c *tenant.Call, scopes string) bool, people People) *Mailboxes {
	return &Mailboxes{
		t: t, domain: domain, series: series, may: may, people: people, drafts: map[string]*Mail{}, configured: map[string]*settings{},
		delegating: true,
	}
}

// Refuse says to which addresses nothing is sent, each with Google's reason.
func (b *Mailboxes) Refuse(recipients map[string]string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused = recipients
}

// Deliver has Google itself send a letter.
func (b *Mailboxes) Deliver(m *Mail) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m.ID, m.At = b.newID(), b.t.Now()
	b.mails = append(b.mails, m)
}

// Sent returns the mails, oldest first; the newest so many if last is positive.
func (b *Mailboxes) Sent(last int) []*Mail {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := append([]*Mail{}, b.mails...)
	if last > 0 && len(out) > last {
		out = out[len(out)-last:]
	}
	return out
}

// Drafts counts the drafts that are left in all mailboxes.
func (b *Mailboxes) Drafts() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.drafts)
}
