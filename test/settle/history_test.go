package settle

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// The values that people and HR write. Phones are written in different ways that are one number, beside numbers that differ.
var (
	titles      = []string{"Engineer", "Analyst", "Account Executive", "Head of Infrastructure", "Team Lead"}
	departments = []string{"Engineering", "Sales", "Finance", "Marketing"}
	phones      = []string{"+49 30 1234567", "030 1234567", "+49301234567", "+49 30 7654321", "030/7654321"}
	groups      = []string{"all", "sales", "engineering"}
)

// lies are what a reading may answer wrongly, by system.
func (h *house) lies(system string) []func() error {
	ctx := context.Background()
	var out []func() error
	switch system {
	case "google":
		for _, lie := range []string{"empty", "first_page", "missing", "doubled_pages", "yesterday"} {
			out = append(out, func() error {
				return h.sandbox.Directory(ctx, control.DirectorySettings{ListLagMS: 1, CreationLagMS: 1, TransferMS: 1, Lies: map[string]string{"users": lie}})
			})
		}
		out = append(out, func() error {
			return h.sandbox.Directory(ctx, control.DirectorySettings{ListLagMS: 1, CreationLagMS: 1, TransferMS: 1, Lies: map[string]string{"members": "missing", "groups": "missing"}})
		})
	case "salesforce":
		for _, lie := range []control.Fields{{"first_page": true, "page_size": 2}, {"empty": []string{"PermissionSetAssignment"}}, {"yesterday": true}, {"doubled": true, "page_size": 2}} {
			out = append(out, func() error { return h.sandbox.CRMSettings(ctx, lie) })
		}
	case "ldap":
		for _, lie := range []string{"empty", "first page", "no groups", "lost rights", "yesterday", "doubled"} {
			out = append(out, func() error { return h.sandbox.LDAPLie(ctx, lie) })
		}
	}
	return out
}

// honest has every system tell the truth again, and nothing fail.
func (h *house) honest() {
	ctx := context.Background()
	require.NoError(h.t, h.sandbox.Directory(ctx, control.DirectorySettings{ListLagMS: 1, CreationLagMS: 1, TransferMS: 1}))
	require.NoError(h.t, h.sandbox.CRMSettings(ctx, control.Fields{}))
	require.NoError(h.t, h.sandbox.LDAPLie(ctx, ""))
	require.NoError(h.t, h.sandbox.ClearFaults(ctx))
}

// event is something that happens in a history: what it is called, and what is done.
type event struct {
	name string
	do   func(*rapid.T, *house)
}

// somebody draws a person.
func somebody(t *rapid.T, h *house) string { return rapid.SampledFrom(h.people).Draw(t, "who") }

func systemOf(t *rapid.T) string {
	return rapid.SampledFrom([]string{"google", "salesforce", "ldap"}).Draw(t, "system")
}

// events are everything that can happen. Long because it is a list of short events.
func events() []event {
	ctx := context.Background()
	return []event{
		{"HR changes a title", func(t *rapid.T, h *house) {
			h.hr(t, somebody(t, h), control.Fields{"title": rapid.SampledFrom(titles).Draw(t, "title")})
		}},
		{"HR moves somebody", func(t *rapid.T, h *house) {
			h.hr(t, somebody(t, h), control.Fields{"department": rapid.SampledFrom(departments).Draw(t, "department")})
		}},
		{"HR ends somebody's employment", func(t *rapid.T, h *house) {
			key := somebody(t, h)
			source, id, err := identity.SplitKey(key)
			require.NoError(t, err)
			if len(h.people) < 6 || h.gone[key] {
				return
			}
			_, err = h.sandbox.HR(ctx, source, "terminate", id, control.Fields{"last_day": "today", "termination_date": "today", "involuntary": true}, true)
			require.NoError(t, err)
			h.gone[key] = true
		}},
		{"HR hires somebody", func(t *rapid.T, h *house) {
			n := len(h.people) + 1
			id, err := h.sandbox.Hire(ctx, identity.SourceWorkday, control.Fields{
				"first_name": "New", "last_name": "Comer" + strings.Repeat("a", n), "department": rapid.SampledFrom(departments).Draw(t, "department"), "title": titles[0],
				"location": "Berlin", "hire_date": "today-3", "manager_id": "21001", "personal_email": fmt.Sprintf("new%d@home.example", n),
			})
			require.NoError(t, err)
			h.people = append(h.people, identity.SourceWorkday+"-"+id)
		}},
		{"somebody edits a phone in Google", func(t *rapid.T, h *house) {
			key := somebody(t, h)
			if u := h.inGoogle(key); u != "" {
				phone := rapid.SampledFrom(append(phones, "")).Draw(t, "phone")
				_, err := h.sandbox.GoogleHand(ctx, control.GoogleOrder{Do: "phone", User: u, Value: phone})
				require.NoError(t, err)
				h.says(key, "phone", phone)
			}
		}},
		{"somebody edits a title in Google", func(t *rapid.T, h *house) {
			if u := h.inGoogle(somebody(t, h)); u != "" {
				_, err := h.sandbox.GoogleHand(ctx, control.GoogleOrder{Do: "title", User: u, Value: rapid.SampledFrom(titles).Draw(t, "title")})
				require.NoError(t, err)
			}
		}},
		{"somebody joins a group of Google", func(t *rapid.T, h *house) { h.group(t, "join") }},
		{"somebody leaves a group of Google", func(t *rapid.T, h *house) { h.group(t, "leave") }},
		{"an administrator edits the directory", func(t *rapid.T, h *house) {
			if dn := h.inDirectory(somebody(t, h)); dn != "" {
				attribute := rapid.SampledFrom([]string{"telephoneNumber", "title", "mobile", "departmentNumber"}).Draw(t, "attribute")
				require.NoError(t, h.sandbox.LDAPHand(ctx, dn, attribute, rapid.SampledFrom(append(phones, titles...)).Draw(t, "value")))
			}
		}},
		{"somebody edits a user of Salesforce", func(t *rapid.T, h *house) {
			if id := h.inSalesforce(somebody(t, h)); id != "" {
				field := rapid.SampledFrom([]string{"Title", "Department", "Phone", "MobilePhone"}).Draw(t, "field")
				_, err := h.sandbox.CRMHand(ctx, control.Fields{"action": "edit", "id": id, "fields": map[string]any{field: rapid.SampledFrom(append(phones, titles...)).Draw(t, "value")}})
				require.NoError(t, err)
			}
		}},
		{"the directory gives or takes access", func(t *rapid.T, h *house) { h.finance(t) }},
		{"a system is read, and lies", func(t *rapid.T, h *house) {
			system := systemOf(t)
			require.NoError(t, rapid.SampledFrom(h.lies(system)).Draw(t, "lie")())
			_, _ = h.sweep(system) // A lie is an error, or a reading that is quarantined.
			h.honest()
		}},
		{"a system is read", func(t *rapid.T, h *house) { _, _ = h.sweep(systemOf(t)) }},
		{"somebody is looked at", func(t *rapid.T, h *house) { require.NoError(t, h.look(somebody(t, h), 0)) }},
		{"a run is cut off", func(t *rapid.T, h *house) {
			require.NoError(t, h.look(somebody(t, h), rapid.IntRange(1, 6).Draw(t, "after")))
		}},
		{"a write takes effect and its answer is lost", func(t *rapid.T, h *house) {
			require.NoError(t, h.sandbox.AddFault(ctx, control.Fault{
				System: rapid.SampledFrom([]string{"google", "salesforce", "onelogin"}).Draw(t, "system"),
				Method: rapid.SampledFrom([]string{"POST", "PATCH", "PUT", "DELETE"}).Draw(t, "method"), When: "after", Style: "drop", Times: 1,
			}))
			require.NoError(t, h.sandbox.LDAPFail(ctx, control.LDAPFault{Op: "modify", Code: 52, After: true, Times: 1}))
			require.NoError(t, h.look(somebody(t, h), 0))
		}},
	}
}

// hr has HR change a record.
func (h *house) hr(t *rapid.T, key string, fields control.Fields) {
	source, id, err := identity.SplitKey(key)
	require.NoError(t, err)
	_, err = h.sandbox.HR(context.Background(), source, "change", id, fields, true)
	require.NoError(t, err)
	for attribute, value := range fields {
		h.says(key, attribute, value.(string))
	}
}

// says keeps what the owner of an attribute has said.
func (h *house) says(key, attribute, value string) {
	if h.said[key] == nil {
		h.said[key] = map[string]string{}
	}
	h.said[key][attribute] = value
}

// group puts somebody into a group of Google, or takes them out.
func (h *house) group(t *rapid.T, do string) {
	if u := h.inGoogle(somebody(t, h)); u != "" {
		order := control.GoogleOrder{Do: do, User: u, Value: rapid.SampledFrom(groups).Draw(t, "group") + "@acme.example"}
		_, err := h.sandbox.GoogleHand(context.Background(), order)
		require.NoError(t, err)
	}
}

// finance puts somebody into the directory's group that gives access in OneLogin, or takes them out.
func (h *house) finance(t *rapid.T) {
	ctx := context.Background()
	server, err := h.sandbox.LDAP(ctx)
	require.NoError(t, err)
	group := "cn=Finance," + server.Groups
	entry, err := h.sandbox.LDAPEntry(ctx, group)
	require.NoError(t, err)
	dn := h.inDirectory(somebody(t, h))
	members := entry["member"]
	if at := slices.IndexFunc(members, func(m string) bool { return strings.EqualFold(m, dn) }); at >= 0 {
		members = slices.Delete(slices.Clone(members), at, at+1)
	} else if dn != "" {
		members = append(slices.Clone(members), dn)
	}
	if len(members) > 0 {
		require.NoError(t, h.sandbox.LDAPHand(ctx, group, "member", members...))
	}
}

// oneLogin is somebody's account at OneLogin; without an address if a hire has none yet.
func (h *house) oneLogin(key string) control.Person {
	p, found, err := h.sandbox.ByExternalID(context.Background(), key)
	require.NoError(h.t, err)
	if !found {
		return control.Person{}
	}
	return p
}

// inGoogle is somebody's address in Google, "" if they have none.
func (h *house) inGoogle(key string) string {
	d, err := h.sandbox.GoogleDirectory(context.Background())
	require.NoError(h.t, err)
	email := h.oneLogin(key).Email
	for _, u := range d.Users {
		if u.ExternalID == key || email != "" && strings.EqualFold(u.Email, email) {
			return u.Email
		}
	}
	return ""
}

// inSalesforce is somebody's user in Salesforce.
func (h *house) inSalesforce(key string) string {
	crm, err := h.sandbox.CRM(context.Background())
	require.NoError(h.t, err)
	email := h.oneLogin(key).Email
	for _, u := range crm.Users {
		if u.ExternalID == key || email != "" && strings.EqualFold(u.Email, email) {
			return u.ID
		}
	}
	return ""
}

// inDirectory is somebody's entry in the directory.
func (h *house) inDirectory(key string) string {
	server, err := h.sandbox.LDAP(context.Background())
	require.NoError(h.t, err)
	user, _, _ := strings.Cut(h.oneLogin(key).Email, "@")
	dn := fmt.Sprintf("uid=%s,%s", user, server.People)
	if entry, err := h.sandbox.LDAPEntry(context.Background(), dn); err != nil || len(entry) == 0 {
		return ""
	}
	return dn
}
