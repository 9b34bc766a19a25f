package workspace_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/conformance"
	"gatehouse/connectors/google/workspace"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

const (
	enterprise = "Google-Apps/1010020020"
	starter    = "Google-Apps/1010020027"
)

// TestManagement holds Google Workspace to the contracts of what makes and changes accounts.
func TestManagement(t *testing.T) {
	t.Parallel()
	conformance.RunManagement(t, conformance.TargetSubject{
		System: workspace.System, New: managementBench,
		NotApplicable: map[string]string{
			"groups/in each other": "Google refuses groups that contain each other: TestGroupsWithin has nested ones",
			"profiles/all of them": "Google has no kinds of user", "create/of a kind": "Google has no kinds of user",
		},
	})
}

func managementBench(t *testing.T) conformance.TargetBench {
	t.Helper()
	b := newBench(t)
	// A new user can be changed at once here: TestANewUserCannotBeChangedAtOnce has the rest.
	b.settings(control.DirectorySettings{CreationLagMS: -1})
	b.hand("manager", b.usual, "")
	made := 0
	bench := b.targetBench()
	bench.Target = workspace.Deleting{Target: b.target()}
	bench.Restart = func() target.System { return workspace.Deleting{Target: b.target()} }
	bench.Fresh = func() identity.Account {
		made++
		address := fmt.Sprintf("fresh.one%d@acme.example", made)
		return identity.Account{
			ExternalID: fmt.Sprintf("workday-9900%d", made), Username: address, Email: address, FirstName: "Fresh", LastName: "O'One",
			Title: "Tester", Department: "IT", Phone: "+1 555 0100",
		}
	}
	bench.Group = func() string {
		for _, g := range b.directory().Groups {
			if !slices.Contains(g.Members, b.usual) {
				return g.ID
			}
		}
		t.Fatal("the user is in every group")
		return ""
	}
	bench.Elsewhere, bench.Nowhere, bench.Weak = "/People", "/Nowhere/At All", "short"
	for _, id := range []string{b.usual, b.protected} {
		b.hand("title", id, "Software Engineer")
		require.NotEqual(t, bench.Elsewhere, b.user(id).Unit)
	}
	bench.SignIn = func(id, password string) bool {
		_, err := b.sandbox.GoogleHand(t.Context(), control.GoogleOrder{Do: "try", User: id, Value: password})
		return err == nil
	}
	return bench
}

// TestLock holds Google Workspace to the contracts of what locks an account beside its password.
func TestLock(t *testing.T) {
	t.Parallel()
	conformance.RunLock(t, conformance.LockSubject{System: workspace.System, New: func(t *testing.T) conformance.LockBench {
		b := newBench(t)
		bench := b.targetBench()
		bench.LoseReply = func() {
			b.fault(control.Fault{Method: "DELETE", Path: "/admin/**", When: "after", Style: "drop", Times: 1})
		}
		return conformance.LockBench{
			TargetBench: bench,
			Grant:       func(id string) { b.hand("grant", id, "crm") },
			GrantAll: func(id string) {
				for _, app := range []string{"crm", "notes", "calendar"} {
					b.hand("grant", id, app)
				}
				b.hand("app_password", id, "printer")
				b.hand("app_password", id, "phone")
				b.hand("codes", id, "")
				b.hand("recovery", id, "me@home.example")
			},
			RefuseGrant: func(id string) string {
				b.refuses("DELETE", "/admin/directory/v1/users/"+id+"/tokens/crm.apps.googleusercontent.com")
				return "app crm.apps.googleusercontent.com"
			},
			Grants: func(id string) int {
				u := b.user(id)
				return len(u.Apps) + len(u.AppPasswords) + u.Codes + len(u.RecoveryEmail) + len(u.RecoveryPhone)
			},
			Promote: func(id string) {
				b.hand("role", id, "1")
				b.hand("role", id, "4")
			},
			AdminRoles: func(id string) int { return len(b.user(id).Roles) },
		}
	}})
}

// TestHandover holds Google Workspace to the contracts of what somebody else goes on with, and of licences.
func TestHandover(t *testing.T) {
	t.Parallel()
	conformance.RunHandover(t, conformance.HandoverSubject{System: workspace.System, New: handoverBench})
}

func handoverBench(t *testing.T) conformance.HandoverBench {
	t.Helper()
	b := newBench(t)
	b.settings(control.DirectorySettings{TransferMS: 3_600_000})
	bench, other, closed := b.targetBench(), b.external("workday-21005"), b.external("workday-21006")
	lose := bench.LoseReply
	bench.LoseReply = func() {
		lose()
		b.fault(control.Fault{Method: "PUT", Path: "/gmail/**", When: "after", Style: "drop", Times: 1})
	}
	b.hand("suspend", closed, "")
	return conformance.HandoverBench{
		TargetBench: bench, Other: other, Closed: closed, Has: enterprise, Lacks: starter,
		Mail: func(id string) (answer string, delegates []string) {
			d := b.directory()
			for _, m := range d.Mailboxes {
				if m.Mailbox != d.User(id).Email {
					continue
				}
				for _, address := range m.Delegates {
					delegates = append(delegates, d.User(address).ID)
				}
				if m.AutoReply {
					answer = m.Reply
				}
				return answer, delegates
			}
			return "", nil
		},
		Forward: func(id string) { b.hand("forward", id, "me@home.example") },
		Forwards: func(id string) bool {
			d := b.directory()
			return slices.ContainsFunc(d.Mailboxes, func(m control.GoogleMailbox) bool { return m.Mailbox == d.User(id).Email && m.Forwarded != "" })
		},
		Transfers: func(from, to string) (n int) {
			for _, tr := range b.directory().Transfers {
				if tr.From == from && tr.To == to {
					n++
				}
			}
			return n
		},
		Finish: func() { b.settings(control.DirectorySettings{TransferMS: -1}) },
		Licensed: func(id string) (all []string) {
			for _, sku := range b.user(id).Licences {
				all = append(all, "Google-Apps/"+sku)
			}
			return all
		},
	}
}

// field is a text of the first item of a list that a user has in the sandbox, of a kind if one is named.
func field(u control.GoogleUser, list, kind, name string) string {
	all, _ := u.Fields[list].([]any)
	for _, one := range all {
		item, _ := one.(map[string]any)
		if kind == "" || item["type"] == kind {
			s, _ := item[name].(string)
			return s
		}
	}
	return ""
}

// look shows a user as the sandbox has it.
func (b *bench) look(id string) conformance.Seen {
	b.t.Helper()
	d := b.directory()
	u := d.User(id)
	require.NotNil(b.t, u)
	seen := conformance.Seen{
		CanSignIn: u.CanSignIn, Sessions: u.Sessions, Memberships: u.GroupIDs, ExternalID: u.ExternalID, Email: u.Email, Username: u.Email,
		Title: field(*u, "organizations", "", "title"), Phone: field(*u, "phones", "work", "value"), Container: u.Unit,
	}
	if boss := d.User(field(*u, "relations", "manager", "value")); boss != nil {
		seen.Manager = boss.ID
	}
	return seen
}
