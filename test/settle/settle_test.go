package settle

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"gatehouse/sandbox/control"
)

// histories is how many are lived through: GATEHOUSE_HISTORIES of them, 50 in the ordinary run.
func histories(t *testing.T) int {
	t.Helper()
	text := os.Getenv("GATEHOUSE_HISTORIES")
	if text == "" {
		return 50
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "GATEHOUSE_HISTORIES is not a number")
	return n
}

// shared is after how many histories a company is founded anew: the ones before are what the next begins with.
const shared = 10

func TestACompanyComesToRest(t *testing.T) {
	began, n := time.Now(), histories(t)
	var lived atomic.Int64
	t.Run("companies", func(t *testing.T) {
		for i := range (n + shared - 1) / shared {
			t.Run(strconv.Itoa(i+1), func(t *testing.T) {
				t.Parallel() // They wait for each other's answers most of the time.
				h := newHouse(t)
				rapid.Check(t, func(rt *rapid.T) {
					if h.lived >= min(shared, n-i*shared) {
						return
					}
					h.lived++
					lived.Add(1)
					h.live(rt)
				})
			})
		}
	})
	t.Logf("%d histories in %s", lived.Load(), time.Since(began).Round(time.Second))
}

// live is one history: what happens, two passes, and a third that writes nothing.
func (h *house) live(t *rapid.T) {
	all := events()
	for range rapid.IntRange(1, 12).Draw(t, "events") {
		e := rapid.SampledFrom(all).Draw(t, "event")
		t.Log(e.name)
		h.clock.advance(time.Duration(rapid.IntRange(1, 90).Draw(t, "minutes")) * time.Minute)
		e.do(t, h)
	}
	h.honest()
	h.written(t)
	h.pass()
	first := h.written(t)
	h.pass()
	second := h.written(t)
	h.pass()
	if third := h.written(t); len(third) > 0 {
		t.Fatalf("the third pass wrote:\n%s\nafter the second wrote:\n%s\nand the first:\n%s",
			strings.Join(third, "\n"), strings.Join(second, "\n"), strings.Join(first, "\n"))
	}
	h.agrees(t)
}

// written are the effects at OneLogin and the systems beside it since it was last asked, in words.
func (h *house) written(t require.TestingT) (all []string) {
	ctx := h.t.Context()
	entries, err := h.sandbox.Journal(ctx, h.journalled, true)
	require.NoError(t, err)
	for _, e := range entries {
		h.journalled = max(h.journalled, e.Seq)
		if slices.Contains([]string{"onelogin", "google", "salesforce"}, e.System) && !strings.Contains(e.Op, "token") {
			all = append(all, strings.Join([]string{e.System, e.Op, e.Subject, e.Effect}, " "))
		}
	}
	directory, err := h.sandbox.LDAPJournal(ctx)
	require.NoError(t, err)
	for _, e := range directory[h.noted:] {
		if e.Effect {
			all = append(all, strings.Join([]string{"ldap", e.Op, e.ID, strings.Join(e.Attributes, ",")}, " "))
		}
	}
	h.noted = len(directory)
	return all
}

// agrees holds every system against the owners of its attributes: HR and Google, by what was last said there.
func (h *house) agrees(t *rapid.T) {
	ctx := h.t.Context()
	google, err := h.sandbox.GoogleDirectory(ctx)
	require.NoError(t, err)
	crm, err := h.sandbox.CRM(ctx)
	require.NoError(t, err)
	for _, key := range h.people {
		if h.gone[key] {
			h.isOut(t, key, google, crm)
			continue
		}
		account, said := h.oneLogin(key), h.said[key]
		shown := map[string]map[string]string{"OneLogin": {"title": account.Title, "department": account.Department, "phone": account.Phone}}
		if dn := h.inDirectory(key); dn != "" {
			entry, err := h.sandbox.LDAPEntry(ctx, dn)
			require.NoError(t, err)
			shown["the directory"] = map[string]string{"title": one(entry["title"]), "department": one(entry["departmentnumber"]), "phone": one(entry["telephonenumber"])}
		}
		id := h.inSalesforce(key)
		for _, u := range crm.Users {
			if u.ID == id {
				shown["Salesforce"] = map[string]string{"title": u.Title, "department": u.Department, "phone": u.Phone}
			}
		}
		if u := google.User(strings.ToLower(account.Email)); u != nil {
			shown["Google"] = map[string]string{"title": field(u, "organizations", "title"), "department": field(u, "organizations", "department"), "phone": field(u, "phones", "value")}
			if phone, edited := said["phone"]; edited {
				require.Equal(t, phone, shown["Google"]["phone"], "%s: nobody but Google changes a phone", key)
			}
		}
		for system, values := range shown {
			for attribute, want := range said {
				if attribute == "phone" && want == "" {
					continue // An empty value of the owner takes nothing away.
				}
				require.Equal(t, normal(attribute, want), normal(attribute, values[attribute]), "%s: the %s in %s", key, attribute, system)
			}
		}
	}
}

// isOut holds every system against the end of somebody's employment.
func (h *house) isOut(t *rapid.T, key string, google control.GoogleDirectory, crm control.CRM) {
	require.False(t, h.oneLogin(key).CanSignIn, "%s can sign in to OneLogin", key)
	mail := h.inGoogle(key)
	for _, u := range google.Users {
		if u.ExternalID == key || u.Email == mail {
			require.False(t, u.OwnPassword, "%s knows the password of Google", key)
			require.Zero(t, u.Sessions, "%s has a session of Google", key)
			require.Empty(t, u.Groups, "%s is in groups of Google", key)
		}
	}
	user := h.inSalesforce(key)
	for _, u := range crm.Users {
		if u.ID == user {
			require.False(t, u.CanSignIn, "%s can sign in to Salesforce", key)
			require.Empty(t, u.Sets, "%s has permission sets", key)
		}
	}
	if dn := h.inDirectory(key); dn != "" {
		entry, err := h.sandbox.LDAPEntry(h.t.Context(), dn)
		require.NoError(t, err)
		require.Equal(t, []string{"000001010000Z"}, entry["pwdaccountlockedtime"], "%s is not locked in the directory", key)
	}
}

func one(values []string) string { return strings.Join(values, " and ") }

// field is a value of the first entry of a list of a Google user.
func field(u *control.GoogleUser, list, name string) string {
	entries, _ := u.Fields[list].([]any)
	for _, e := range entries {
		if entry, ok := e.(map[string]any); ok && (list != "phones" || entry["type"] == "work") {
			text, _ := entry[name].(string)
			return text
		}
	}
	return ""
}

// normal is a value without the ways in which one and the same is written.
func normal(attribute, text string) string {
	if attribute != "phone" {
		return text
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
	return strings.TrimPrefix(strings.TrimPrefix(digits, "49"), "0")
}
