package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/policy"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// renaming is a policy by which a new name or work address does something to accounts.
func renaming(t *testing.T, how string) kit.Options {
	t.Helper()
	return kit.Options{Policy: func(text string) string {
		return kit.Replace(t, roomy(t)(text), "mover: {keep_old_access: 0s}", "mover: {keep_old_access: 0s, rename: "+how+"}")
	}}
}

// settles hints somebody and waits until their run has come to rest.
func settles(s *kit.Stack, key string) {
	s.T.Helper()
	s.Hint(key, "test")
	s.Outcome(key)
}

// TestCase_V21_WorkAddressAndPhoneFollow: HR has a new work address and phone. Both are written once; who is concerned reads the new
// address and the old one, the person where Slack still knows them by the old one; what goes missing from HR clears nothing.
func TestCase_V21_WorkAddressAndPhoneFollow(t *testing.T) {
	t.Parallel()
	s := kit.New(t, renaming(t, "rename"))
	s.Baseline()
	const key, boss, fresh = "workday-21009", "workday-21003", "fresh.address@acme.example"
	s.HR(key, "change", control.Fields{"manager_id": "21003"})
	settles(s, key)
	before, manager := s.Account(key), s.Account(boss)
	mark := s.Mark()
	s.HR(key, "change", control.Fields{"work_email": fresh, "work_phone": " +49 30 555 12 "})
	tell(s, key)
	s.Until("address and phone follow", func() bool { now := s.Of(before.ID); return now.Email == fresh && now.Phone == "+49 30 555 12" })
	s.Until("the three of them are told", func() bool {
		for _, said := range []string{s.Told(before.Email), s.Told(manager.Email), s.Messages(it)} {
			if !strings.Contains(said, fresh) || !strings.Contains(said, before.Email) {
				return false
			}
		}
		return true
	})
	require.Contains(t, s.Told(before.Email), "Your e-mail address has changed")
	require.NotContains(t, s.Told(before.Email), "position in HR")
	require.Equal(t, before.Username, s.Of(before.ID).Username, "only a new name makes a new username")
	for range 2 {
		settles(s, key)
	}
	s.HR(key, "change", control.Fields{"work_email": "", "work_phone": ""})
	tell(s, key)
	settles(s, key)
	s.HR(key, "change", control.Fields{"work_email": "Fresh.Address+hr@acme.example"})
	settles(s, key)
	require.Equal(t, 1, profileWrites(s, mark, before.ID))
	require.Equal(t, fresh, s.Of(before.ID).Email)
	require.Equal(t, "+49 30 555 12", s.Of(before.ID).Phone)
}

// TestCase_V21_AnAddressThatIsNotTheirs: the new work address is another account's, or HR has it as the private one too. It is asked about
// and never written; the policy may also leave addresses alone, or have a person see to each.
func TestCase_V21_AnAddressThatIsNotTheirs(t *testing.T) {
	t.Parallel()
	const key = "workday-21009"
	for name, tt := range map[string]struct {
		how    string
		fields func(other control.Person) control.Fields
		asked  string
	}{
		"another account's": {"rename", func(other control.Person) control.Fields { return control.Fields{"work_email": other.Email} }, policy.NoticeAddressDoubtful},
		"the private one": {"rename", func(control.Person) control.Fields {
			return control.Fields{"work_email": "at.home@acme.example", "personal_email": "At.Home@acme.example"}
		}, policy.NoticeAddressDoubtful},
		"in another script": {"rename", func(control.Person) control.Fields { return control.Fields{"work_email": "аdа@acme.example"} }, policy.NoticeAddressDoubtful},
		"in another domain": {"rename", func(control.Person) control.Fields { return control.Fields{"work_email": "ada@elsewhere.example"} }, ""},
		"left alone":        {"display", func(control.Person) control.Fields { return control.Fields{"work_email": "fresh@acme.example"} }, ""},
		"seen to by a person": {"attention", func(control.Person) control.Fields {
			return control.Fields{"work_email": "fresh@acme.example"}
		}, policy.NoticeAddressChanged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, renaming(t, tt.how))
			s.Baseline()
			settles(s, key)
			account, other := s.Account(key), s.Account("workday-21005")
			fields := tt.fields(other)
			fields["title"] = "Principal"
			s.HR(key, "change", fields)
			tell(s, key)
			s.Until("the rest is done", func() bool { return s.Of(account.ID).Title == "Principal" })
			if tt.asked == "" {
				settles(s, key)
			} else {
				s.Until("somebody is asked", func() bool { return waits(s, key, tt.asked) })
			}
			require.Equal(t, account.Email, s.Of(account.ID).Email)
			if tt.asked == policy.NoticeAddressChanged {
				_, err := s.Sandbox.EditAccount(t.Context(), account.ID, control.Fields{"email": "fresh@acme.example"})
				require.NoError(t, err)
				settles(s, key)
			}
		})
	}
}

// TestCase_V21_AnAddressThatDoesNotStick: a directory is the master of the address and sets the old one again every night. It is written
// once for each change of HR's.
func TestCase_V21_AnAddressThatDoesNotStick(t *testing.T) {
	t.Parallel()
	const key = "workday-21009"
	s := kit.New(t, renaming(t, "rename"))
	s.Baseline()
	settles(s, key)
	account := s.Account(key)
	require.NoError(t, s.Sandbox.SetDirectoryEntry(t.Context(), control.DirectoryEntry{Directory: 77, ID: account.ID, Fields: control.Fields{"email": account.Email}}))
	for _, fresh := range []string{"first.change@acme.example", "second.change@acme.example"} {
		mark := s.Mark()
		s.HR(key, "change", control.Fields{"work_email": fresh})
		tell(s, key)
		s.Until("it is written", func() bool { return s.Of(account.ID).Email == fresh })
		s.Outcome(key)
		for range 2 {
			_, err := s.Sandbox.SyncDirectory(t.Context(), 77)
			require.NoError(t, err)
			settles(s, key)
		}
		require.Equal(t, account.Email, s.Of(account.ID).Email)
		require.Equal(t, 1, profileWrites(s, mark, account.ID))
	}
}
