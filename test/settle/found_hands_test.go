package settle

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2/google"

	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

const (
	observed = "  google:\n    mode: observe\n"
	enforced = "  google:\n    mode: enforce\n"
)

// repolicy edits the policy and starts the worker again.
func (h *house) repolicy(edits ...string) {
	h.t.Helper()
	require.NoError(h.t, h.app.Close())
	h.writePolicy(h.config.Policy, edits...)
	h.open()
}

func (h *house) of(department string) string {
	for _, k := range h.people {
		if h.oneLogin(k).Department == department {
			return k
		}
	}
	h.t.Fatal("nobody in " + department)
	return ""
}

func (h *house) user(key string) control.GoogleUser {
	d, err := h.sandbox.GoogleDirectory(h.t.Context())
	require.NoError(h.t, err)
	if u := d.User(key); u != nil {
		return *u
	}
	return control.GoogleUser{}
}

func (h *house) does(key, action string, f control.Fields) {
	source, id, err := identity.SplitKey(key)
	require.NoError(h.t, err)
	_, err = h.sandbox.HR(h.t.Context(), source, action, id, f, true)
	require.NoError(h.t, err)
}

func (h *house) leaves(key string) {
	h.does(key, "terminate", control.Fields{"last_day": "today", "termination_date": "today", "involuntary": true})
}

func (h *house) moves(key, to string) { h.does(key, "change", control.Fields{"department": to}) }

func (h *house) looks(key string) { require.NoError(h.t, h.look(key, 0)) }

func (h *house) hand(do, user, value string) {
	_, err := h.sandbox.GoogleHand(h.t.Context(), control.GoogleOrder{Do: do, User: user, Value: value})
	require.NoError(h.t, err)
}

// adds makes a user in Google by hand, which a reading shows, and has an operator link it to somebody.
func (h *house) adds(email, linkedTo string) string {
	id, err := h.sandbox.GoogleHand(h.t.Context(), control.GoogleOrder{Do: "add", Person: control.GooglePerson{Email: email, Given: "Kiki", Family: "Odd"}})
	require.NoError(h.t, err)
	h.pass()
	if linkedTo != "" {
		require.NoError(h.t, h.app.Ledger.Inventory().LinkAccount(h.t.Context(), inventory.LinkAccount{Ref: identity.Ref{System: "google", ID: id}, Person: linkedTo, By: "said so", DecidedBy: "it@acme.example"}))
	}
	return id
}

// google calls the Admin SDK of the sandbox.
func (h *house) google(method, path, body, scope string) {
	h.t.Helper()
	h.googleAPI(method, "/admin/directory/v1/"+path, body, scope)
}

// licensing calls Google's licences: an SKU, and whose.
func (h *house) licensing(method, path, body string) {
	h.t.Helper()
	h.googleAPI(method, "/apps/licensing/v1/product/Google-Apps/sku/"+path, body, "apps.licensing")
}

func (h *house) googleAPI(method, path, body, scope string) {
	h.t.Helper()
	c, err := google.JWTConfigFromJSON([]byte(h.config.Systems.Google.Credentials.Reveal()), "https://www.googleapis.com/auth/"+scope)
	require.NoError(h.t, err)
	c.Subject = kit.GoogleAdministrator
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.config.Systems.Google.BaseURL+path, strings.NewReader(body))
	require.NoError(h.t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.Client(h.t.Context()).Do(req)
	require.NoError(h.t, err)
	require.NoError(h.t, resp.Body.Close())
	require.Contains(h.t, []int{http.StatusOK, http.StatusNoContent}, resp.StatusCode)
}

// told reports that a message, a ticket, a page or an open item names something.
func (h *house) told(what string) bool {
	var state map[string]any
	require.NoError(h.t, h.sandbox.State(h.t.Context(), &state))
	items, err := h.app.Ledger.Worklist().Items(h.t.Context(), worklist.ItemFilter{})
	require.NoError(h.t, err)
	all := fmt.Sprint(state["slack"], state["jira"], state["pagerduty"], state["smtp"])
	for _, i := range items {
		all += i.Text + i.Object
	}
	return strings.Contains(all, what)
}

// days lets three passes and a day go by.
func (h *house) days() {
	for range 3 {
		h.pass()
	}
	h.clock.advance(25 * time.Hour)
	h.pass()
}

func (h *house) crmUser(id string) (u control.CRMUser) {
	crm, err := h.sandbox.CRM(h.t.Context())
	require.NoError(h.t, err)
	for _, u := range crm.Users {
		if u.ID == id {
			return u
		}
	}
	return u
}
