// Package request is what an agent asks to have changed: what that comes to, whether it may be, who has to be asked, and the orders
// that carry it out. It writes nothing.
package request

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/agents"
	"gatehouse/policy/agent"
)

// Asked is what an agent asks for.
type Asked struct {
	// ID is that of the request and of its run.
	ID    string `json:"id"`
	Agent string `json:"agent"`
	Tool  string `json:"tool"`
	// Subject is the key of the person whom it is about.
	Subject string `json:"subject"`
	Role    string `json:"role,omitempty"`
	// App is given and taken by a role that carries it.
	App string `json:"app,omitempty"`
	// Person is somebody whom HR does not have, and who is to be sponsored.
	Person *Person `json:"person,omitempty"`
	// Attributes are those that would change, with their values.
	Attributes map[string]string `json:"attributes,omitempty"`
	// Until is when what was asked for ends; zero is without an end.
	Until  time.Time `json:"until,omitzero"`
	Reason string    `json:"reason"`
	Ticket string    `json:"ticket,omitempty"`
}

// Person is somebody whom HR does not have. Until of the request is when they go.
type Person struct {
	FirstName  string `json:"first_name"`
	LastName   string `json:"last_name"`
	Email      string `json:"email"`
	Company    string `json:"company,omitempty"`
	Title      string `json:"title,omitempty"`
	Department string `json:"department,omitempty"`
	Location   string `json:"location,omitempty"`
	// Sponsor is the key of the person who answers for them.
	Sponsor string `json:"sponsor"`
}

// Arguments is everything that was asked for, in one form: two requests that differ in it are two.
func (a Asked) Arguments() ([]byte, error) {
	a.ID = ""
	text, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("write down request %s: %w", a.ID, err)
	}
	return text, nil
}

// Plan is what a request comes to as things are.
type Plan struct {
	// Verdict is the policy's, Rule the rule that gave it.
	Verdict agent.Verdict `json:"verdict"`
	Rule    string        `json:"rule,omitempty"`
	// DeniedBy says what refuses it, and Why in a sentence; both are empty if nothing does.
	DeniedBy string `json:"denied_by,omitempty"`
	Why      string `json:"why,omitempty"`
	// Steps say what would be done, roles by name and the person by key.
	Steps []string `json:"steps,omitempty"`
	// Orders are what carries it out, and Releases the ids of orders that would end. Who gives them is still open.
	Orders   []identity.Order `json:"orders,omitempty"`
	Releases []string         `json:"releases,omitempty"`
	// Provision says that the person's own run is to look now, or that somebody is to be sponsored.
	Provision bool `json:"provision,omitempty"`
	// Already says that it is so, and nothing would be done.
	Already bool `json:"already,omitempty"`
	// Two says that two people have to approve.
	Two bool `json:"two,omitempty"`
	// Hash identifies what a person is shown. What they approve is this and nothing else.
	Hash string `json:"hash"`
	// Barred are addresses and names of whoever may not decide: the owner of the agent and whom it is about.
	Barred []string `json:"-"`
}

// Denied reports that the request is refused.
func (p Plan) Denied() bool { return p.DeniedBy != "" }

// Undo is how a person takes back what was done, "" if nothing is left to take back.
func (p Plan) Undo() string {
	for _, o := range p.Orders {
		if !o.Kind.Response() {
			return fmt.Sprintf("starter release --person %s --order %s --reason WHY", o.Key, o.ID)
		}
	}
	return ""
}

// hash is over everything that the one who approves is shown, and what it was judged by.
func (p Plan) hash(a Asked, episode int, account string) string {
	type order struct {
		Kind  identity.OrderKind
		Roles []string
		Until time.Time
		Set   map[string]string
	}
	orders := make([]order, len(p.Orders))
	for i, o := range p.Orders {
		orders[i] = order{o.Kind, o.Roles, o.Until, o.Attributes}
	}
	var person Person
	if a.Person != nil {
		person = *a.Person
	}
	text := fmt.Sprintf("%q %q %q %d %q %q %q %q %v %v %q %q %v", a.ID, a.Tool, a.Subject, episode, account, p.Verdict, p.DeniedBy, p.Steps, orders, p.Two, p.Releases, a.App, person)
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// Outcome is what came of a request so far, as the ledger keeps it.
type Outcome struct {
	Plan Plan `json:"plan"`
	// DecidedBy are those who approved or rejected it, empty if nobody was asked.
	DecidedBy string `json:"decided_by,omitempty"`
	// Result says what was done, or why nothing was.
	Result string `json:"result,omitempty"`
	// Key is whom the request turned out to be about, where that is known only now.
	Key string `json:"key,omitempty"`
	// Orders are the ids of those that were given.
	Orders []string `json:"orders,omitempty"`
}

// Read returns what was asked for, and what came of it so far.
func Read(r agents.Request) (asked Asked, came Outcome, err error) {
	if err := json.Unmarshal(r.Detail, &asked); err != nil {
		return asked, came, fmt.Errorf("read request %s: %w", r.ID, err)
	}
	if len(r.Outcome) > 0 {
		if err := json.Unmarshal(r.Outcome, &came); err != nil {
			return asked, came, fmt.Errorf("read what came of request %s: %w", r.ID, err)
		}
	}
	return asked, came, nil
}
