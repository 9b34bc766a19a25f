package mailbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/api/gmail/v1"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

// settings are those of one mailbox.
type settings struct {
	vacation   gmail.VacationSettings
	delegates  []string
	forwarding []gmail.ForwardingAddress
	auto       gmail.AutoForwarding
}

// Scopes of settings. What shares a mailbox has one of its own, which only a service account with domain-wide delegation gets.
const (
	scopeSettingsRead = "gmail.modify gmail.readonly gmail.settings.basic"
	scopeBasic        = "gmail.settings.basic"
	scopeSharing      = "gmail.settings.sharing"
)

// maxDelegates is how many people may read a mailbox.
const maxDelegates = 25

func (b *Mailboxes) settingRoutes(user string) []tenant.Route {
	at := user + "/settings"
	route := func(method, path, op, scope string, shape any, h func(*tenant.Call, *settings) tenant.Reply) tenant.Route {
		next := b.configuring(h)
		if shape != nil {
			next = wire.Masked(next, shape)
		}
		return tenant.Route{Method: method, Path: at + path, Op: "google.gmail." + op, Scope: scope, Query: wire.Common(), Handle: next}
	}
	return []tenant.Route{
		route("GET", "/vacation", "get_vacation", scopeSettingsRead, gmail.VacationSettings{}, b.getVacation),
		route("PUT", "/vacation", "update_vacation", scopeBasic, gmail.VacationSettings{}, b.updateVacation),
		route("GET", "/delegates", "list_delegates", scopeSettingsRead, gmail.ListDelegatesResponse{}, b.listDelegates),
		route("POST", "/delegates", "create_delegate", scopeSharing, gmail.Delegate{}, b.createDelegate),
		route("GET", "/delegates/{email}", "get_delegate", scopeSettingsRead, gmail.Delegate{}, b.getDelegate),
		route("DELETE", "/delegates/{email}", "delete_delegate", scopeSharing, nil, b.deleteDelegate),
		route("GET", "/forwardingAddresses", "list_forwarding_addresses", scopeSettingsRead, gmail.ListForwardingAddressesResponse{}, b.listForwarding),
		route("POST", "/forwardingAddresses", "create_forwarding_address", scopeSharing, gmail.ForwardingAddress{}, b.createForwarding),
		route("GET", "/forwardingAddresses/{email}", "get_forwarding_address", scopeSettingsRead, gmail.ForwardingAddress{}, b.getForwarding),
		route("DELETE", "/forwardingAddresses/{email}", "delete_forwarding_address", scopeSharing, nil, b.deleteForwarding),
		route("GET", "/autoForwarding", "get_auto_forwarding", scopeSettingsRead, gmail.AutoForwarding{}, b.getAuto),
		route("PUT", "/autoForwarding", "update_auto_forwarding", scopeSharing, gmail.AutoForwarding{}, b.updateAuto),
	}
}

func precondition(text string) tenant.Reply {
	return wire.Failure(http.StatusBadRequest, "failedPrecondition", text)
}

// configuring hands the settings of the caller's mailbox to a handler, under the lock. A suspended user has no mailbox.
func (b *Mailboxes) configuring(next func(*tenant.Call, *settings) tenant.Reply) tenant.Handler {
	return func(c *tenant.Call) tenant.Reply {
		if refused := mine(c); refused != nil {
			return *refused
		}
		primary, open := b.people.Mailbox(c.ClientName())
		if !open {
			return precondition("Mail service not enabled")
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		s := b.configured[primary]
		if s == nil {
			s = &settings{}
			b.configured[primary] = s
		}
		c.Subject("mailbox", primary)
		return next(c, s)
	}
}

func (b *Mailboxes) getVacation(_ *tenant.Call, s *settings) tenant.Reply {
	return tenant.JSON(http.StatusOK, vacationView(s))
}

// vacationView leaves the flags in, which the library's own type would drop.
func vacationView(s *settings) map[string]any {
	v := map[string]any{
		"enableAutoReply": s.vacation.EnableAutoReply, "restrictToContacts": s.vacation.RestrictToContacts,
		"restrictToDomain": s.vacation.RestrictToDomain, "responseSubject": s.vacation.ResponseSubject,
		"responseBodyPlainText": s.vacation.ResponseBodyPlainText, "responseBodyHtml": s.vacation.ResponseBodyHtml,
	}
	if s.vacation.StartTime != 0 {
		v["startTime"] = strconv.FormatInt(s.vacation.StartTime, 10)
	}
	if s.vacation.EndTime != 0 {
		v["endTime"] = strconv.FormatInt(s.vacation.EndTime, 10)
	}
	return v
}

func (b *Mailboxes) updateVacation(c *tenant.Call, s *settings) tenant.Reply {
	var body gmail.VacationSettings
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	switch {
	case body.EnableAutoReply && body.ResponseSubject == "" && body.ResponseBodyPlainText == "" && body.ResponseBodyHtml == "":
		return wire.Failure(http.StatusBadRequest, "invalidArgument", "Either response subject or body must be nonempty")
	case body.StartTime != 0 && body.EndTime != 0 && body.StartTime >= body.EndTime:
		return wire.Failure(http.StatusBadRequest, "invalidArgument", "Start time must precede end time")
	}
	before, err := json.Marshal(s.vacation)
	if err != nil {
		return wire.Malformed(err)
	}
	after, err := json.Marshal(body)
	if err != nil {
		return wire.Malformed(err)
	}
	if s.vacation = body; string(before) != string(after) {
		c.Effect("auto-reply changed")
	}
	return tenant.JSON(http.StatusOK, vacationView(s))
}

func delegateView(address string) map[string]any {
	return map[string]any{"delegateEmail": address, "verificationStatus": "accepted"}
}

func (b *Mailboxes) listDelegates(_ *tenant.Call, s *settings) tenant.Reply {
	body := map[string]any{}
	var list []map[string]any
	for _, d := range s.delegates {
		list = append(list, delegateView(d))
	}
	if len(list) > 0 {
		body["delegates"] = list
	}
	return tenant.JSON(http.StatusOK, body)
}

// createDelegate takes users of the domain by their primary address only.
func (b *Mailboxes) createDelegate(c *tenant.Call, s *settings) tenant.Reply {
	var body gmail.Delegate
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	address := strings.ToLower(body.DelegateEmail)
	primary, open := b.people.Mailbox(address)
	switch self, _ := b.people.Mailbox(c.ClientName()); {
	case !b.delegating:
		return wire.Failure(http.StatusForbidden, "forbidden", "Mail delegation is not enabled for this user.")
	case primary != address || address == "" || primary == self:
		return wire.Failure(http.StatusBadRequest, "invalidArgument", "Invalid delegate")
	case !open:
		return precondition("Delegate user is not active")
	case slices.Contains(s.delegates, address):
		return wire.Failure(http.StatusConflict, "alreadyExists", "Delegate already exists")
	case len(s.delegates) >= maxDelegates:
		return precondition("Too many delegates")
	}
	s.delegates = append(s.delegates, address)
	c.Effect("delegate added")
	return tenant.JSON(http.StatusOK, delegateView(address))
}

func (b *Mailboxes) getDelegate(c *tenant.Call, s *settings) tenant.Reply {
	if !slices.Contains(s.delegates, strings.ToLower(c.Param("email"))) {
		return wire.NotFound()
	}
	return tenant.JSON(http.StatusOK, delegateView(strings.ToLower(c.Param("email"))))
}

func (b *Mailboxes) deleteDelegate(c *tenant.Call, s *settings) tenant.Reply {
	i := slices.Index(s.delegates, strings.ToLower(c.Param("email")))
	if i < 0 {
		return wire.NotFound()
	}
	s.delegates = slices.Delete(s.delegates, i, i+1)
	c.Effect("delegate removed")
	return tenant.Empty(http.StatusNoContent)
}

func (b *Mailboxes) listForwarding(_ *tenant.Call, s *settings) tenant.Reply {
	return tenant.JSON(http.StatusOK, map[string]any{"forwardingAddresses": s.forwarding})
}

// forwardingAt is the index of a forwarding address, -1 if there is none.
func (s *settings) forwardingAt(address string) int {
	return slices.IndexFunc(s.forwarding, func(f gmail.ForwardingAddress) bool { return strings.EqualFold(f.ForwardingEmail, address) })
}

// createForwarding accepts an address of the domain at once. Who has any other has to agree first.
func (b *Mailboxes) createForwarding(c *tenant.Call, s *settings) tenant.Reply {
	var body gmail.ForwardingAddress
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	_, domain, ok := strings.Cut(strings.ToLower(body.ForwardingEmail), "@")
	switch {
	case !ok:
		return wire.Failure(http.StatusBadRequest, "invalidArgument", "Invalid forwarding address")
	case s.forwardingAt(body.ForwardingEmail) >= 0:
		return wire.Failure(http.StatusConflict, "alreadyExists", "Forwarding address already exists")
	}
	f := gmail.ForwardingAddress{ForwardingEmail: strings.ToLower(body.ForwardingEmail), VerificationStatus: "pending"}
	if domain == b.domain {
		f.VerificationStatus = "accepted"
	}
	s.forwarding = append(s.forwarding, f)
	c.Effect("forwarding address added")
	return tenant.JSON(http.StatusOK, f)
}

func (b *Mailboxes) getForwarding(c *tenant.Call, s *settings) tenant.Reply {
	i := s.forwardingAt(c.Param("email"))
	if i < 0 {
		return wire.NotFound()
	}
	return tenant.JSON(http.StatusOK, s.forwarding[i])
}

func (b *Mailboxes) deleteForwarding(c *tenant.Call, s *settings) tenant.Reply {
	i := s.forwardingAt(c.Param("email"))
	if i < 0 {
		return wire.NotFound()
	}
	if strings.EqualFold(s.auto.EmailAddress, s.forwarding[i].ForwardingEmail) {
		s.auto = gmail.AutoForwarding{}
	}
	s.forwarding = slices.Delete(s.forwarding, i, i+1)
	c.Effect("forwarding address removed")
	return tenant.Empty(http.StatusNoContent)
}

func (b *Mailboxes) getAuto(_ *tenant.Call, s *settings) tenant.Reply {
	return tenant.JSON(http.StatusOK, autoView(s))
}

func autoView(s *settings) map[string]any {
	v := map[string]any{"enabled": s.auto.Enabled}
	if s.auto.Enabled {
		v["emailAddress"], v["disposition"] = s.auto.EmailAddress, s.auto.Disposition
	}
	return v
}

func (b *Mailboxes) updateAuto(c *tenant.Call, s *settings) tenant.Reply {
	var body gmail.AutoForwarding
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	i := s.forwardingAt(body.EmailAddress)
	switch {
	case body.Enabled && (i < 0 || s.forwarding[i].VerificationStatus != "accepted"):
		return precondition("Unrecognized forwarding address")
	case body.Enabled && !slices.Contains([]string{"leaveInInbox", "archive", "trash", "markRead"}, body.Disposition):
		return wire.Failure(http.StatusBadRequest, "invalidArgument", "Invalid disposition")
	}
	if body.Enabled != s.auto.Enabled || body.EmailAddress != s.auto.EmailAddress || body.Disposition != s.auto.Disposition {
		c.Effect("forwarding changed")
	}
	s.auto = body
	return tenant.JSON(http.StatusOK, autoView(s))
}

// SettingsState are the settings of a mailbox, for the sandbox's own endpoints.
type SettingsState struct {
	Mailbox   string   `json:"mailbox"`
	AutoReply bool     `json:"auto_reply"`
	Subject   string   `json:"subject"`
	Reply     string   `json:"reply"`
	Delegates []string `json:"delegates"`
	Forwarded string   `json:"forwarded"`
}

// Settings returns what is set in mailboxes, in the order of addresses.
func (b *Mailboxes) Settings() []SettingsState {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := []SettingsState{}
	for address, s := range b.configured {
		st := SettingsState{
			Mailbox: address, AutoReply: s.vacation.EnableAutoReply, Subject: s.vacation.ResponseSubject,
			Reply: s.vacation.ResponseBodyPlainText, Delegates: append([]string{}, s.delegates...),
		}
		if s.auto.Enabled {
			st.Forwarded = s.auto.EmailAddress
		}
		out = append(out, st)
	}
	slices.SortFunc(out, func(a, b SettingsState) int { return strings.Compare(a.Mailbox, b.Mailbox) })
	return out
}

// Delegating says whether the Admin console lets users have delegates.
func (b *Mailboxes) Delegating(allowed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.delegating = allowed
}

// Forward has a mailbox forward all that it gets to an address, which whoever has it has confirmed. Its user sets that in Gmail.
func (b *Mailboxes) Forward(mailbox, to string) error {
	primary, open := b.people.Mailbox(mailbox)
	if !open || !strings.Contains(to, "@") {
		return errors.New("sandbox: the mailbox is not open, or it is no address to forward to")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.configured[primary]
	if s == nil {
		s = &settings{}
		b.configured[primary] = s
	}
	if s.forwardingAt(to) < 0 {
		s.forwarding = append(s.forwarding, gmail.ForwardingAddress{ForwardingEmail: to})
	}
	s.forwarding[s.forwardingAt(to)].VerificationStatus = "accepted"
	s.auto = gmail.AutoForwarding{Enabled: true, EmailAddress: to, Disposition: "leaveInInbox"}
	return nil
}
