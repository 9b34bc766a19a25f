package cases

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/internal/census"
	"gatehouse/ledger/persons"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_O09_DecisionsAreImportedOnce: what somebody decided before switching on is kept once, wherever the import was
// killed, and everybody concerned is told.
func TestCase_O09_DecisionsAreImportedOnce(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	d := s.Desk(nil)
	const people = 6
	var accounts []control.Person
	var text strings.Builder
	text.WriteString("decision,account,person,use,kind,owner,purpose,ends,reason,section,why\n")
	for i := range people {
		key := fmt.Sprintf("workday-210%02d", 20+i)
		// As a directory left it: nothing but the address says whose it is.
		p := s.Age(key, control.Fields{"external_id": fmt.Sprintf("S-1-5-21-%d", i), "lastname": "Before"})
		accounts = append(accounts, p)
		fmt.Fprintf(&text, "link,onelogin/%d,%s,primary,,,,,checked with HR,candidate,found\n", p.ID, key)
	}
	service := called(s, "svc-backup@acme.example")
	fmt.Fprintf(&text, "declare,onelogin/%d,,,service,workday-21001,backups,,asked the team,likely_service,found\n", service.ID)
	fmt.Fprintf(&text, ",onelogin/%d,,,,,,,,unowned,found\n", called(s, "riley.orphan@acme.example").ID)
	path := filepath.Join(t.TempDir(), "decisions.csv")
	require.NoError(t, os.WriteFile(path, []byte(text.String()), 0o600))
	args := []string{"adopt", "--import", path, "--by", "grace"}

	require.Contains(t, d.MustRun(append(args, "--dry-run")...), "Nothing was changed.")
	kept := func() (n int) {
		t.Helper()
		for _, key := range append(keysOf(people), "workday-21001") {
			rows, err := s.App.Ledger.Journal().EvidenceOf(t.Context(), key)
			require.NoError(t, err)
			for _, e := range rows {
				if strings.HasPrefix(e.Step, "account.") && e.Template == "starter" {
					n++
				}
			}
		}
		return n
	}
	require.Zero(t, kept())

	// Temporal that takes connections and never answers: the decision is kept, and the import is killed before anybody was told.
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, silent.Close()) })
	deaf := s.Desk(nil)
	deaf.Env = []string{"TEMPORAL_ADDRESS=" + silent.Addr().String()}
	deaf.Kill(1, 3*time.Second, args...)
	cut := 0
	for line := range people + 2 {
		d.Kill(line, 10*time.Second, args...)
		n := kept()
		require.GreaterOrEqual(t, n, line, "what was said to be done is kept")
		require.LessOrEqual(t, n, people+1, "and once")
		if n <= people {
			cut++
		}
	}
	require.Positive(t, cut, "it was cut off on its way")
	out := d.MustRun(args...)
	require.Contains(t, out, fmt.Sprintf("%d decisions, ", people+1))
	require.Contains(t, out, "1 rows without a decision were left alone")
	require.Equal(t, people+1, kept(), "each decision is kept once")
	require.Contains(t, d.MustRun(args...), fmt.Sprintf("%d decisions, %d of them done by an earlier import", people+1, people+1))
	require.Equal(t, people+1, kept())
	for i, key := range keysOf(people) {
		s.Until(key+" is linked", func() bool {
			dossier, _, err := s.App.Ledger.Dossier(t.Context(), key)
			require.NoError(t, err)
			return dossier.Person.AccountID == accounts[i].ID
		})
		s.Outcome(key)
	}
	// It is theirs from now on: when they leave, it is shut.
	s.HR("workday-21020", "terminate", control.Fields{"last_day": "today"})
	s.Hint("workday-21020", "webhook")
	s.AwaitShut(accounts[0].ID)

	// One row that cannot be, and nothing at all is changed.
	bad := filepath.Join(t.TempDir(), "bad.csv")
	require.NoError(t, os.WriteFile(bad, []byte("decision,account,person,reason\nlink,999999,workday-21030,x\nrefuse,"+itoa(service.ID)+",workday-21030,x\n"), 0o600))
	p := d.Run("adopt", "--import", bad)
	require.Equal(t, 1, p.Code)
	require.Contains(t, p.Err, "nothing was changed:\n  line 2: OneLogin has no user 999999")
}

// TestCase_O09_WordsOfAFileAreSaidOnce: a file of `starter account` that was cut off after any row is given again as it is.
func TestCase_O09_WordsOfAFileAreSaidOnce(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	d := s.Desk(nil)
	const people = 5
	links, declared := "account,person,use\n", "account,kind,owner,purpose\n"
	var apart strings.Builder
	apart.WriteString("account,person\n")
	var accounts []control.Person
	for i, key := range keysOf(people) {
		p := s.Age(key, control.Fields{"external_id": fmt.Sprintf("S-1-5-21-%d", i), "lastname": "Before"})
		accounts = append(accounts, p)
		links += fmt.Sprintf("%d,%s,primary\n", p.ID, key)
		fmt.Fprintf(&apart, "%d,%s\n", p.ID, key)
	}
	service := called(s, "svc-backup@acme.example")
	declared += fmt.Sprintf("%d,service,workday-21001,backups\n", service.ID)
	said := func(verb string) (n int) {
		t.Helper()
		for _, key := range append(keysOf(people), "workday-21001") {
			rows, err := s.App.Ledger.Journal().EvidenceOf(t.Context(), key)
			require.NoError(t, err)
			for _, e := range rows {
				if strings.HasPrefix(e.Step, "account."+verb+"@") && e.Template == "starter" {
					n++
				}
			}
		}
		return n
	}
	for _, file := range []struct {
		verb, text string
		rows       int
	}{{"link", links, people}, {"declare", declared, 1}, {"separate", apart.String(), people}} {
		path := filepath.Join(t.TempDir(), file.verb+".csv")
		require.NoError(t, os.WriteFile(path, []byte(file.text), 0o600))
		args := []string{"account", file.verb, "--from", path, "--by", "grace", "--reason", "audit"}
		for line := range file.rows {
			d.Kill(line, 10*time.Second, args...)
			require.GreaterOrEqual(t, said(file.verb), line)
			require.LessOrEqual(t, said(file.verb), file.rows, "each row is said once")
		}
		d.MustRun(args...)
		require.Contains(t, d.MustRun(args...), "was done by this file")
		require.Equal(t, file.rows, said(file.verb), file.verb)
		if file.verb == "link" {
			for i, key := range keysOf(people) {
				dossier, _, err := s.App.Ledger.Dossier(t.Context(), key)
				require.NoError(t, err)
				require.Equal(t, accounts[i].ID, dossier.Person.AccountID)
				s.Outcome(key) // Everybody was told.
			}
		}
	}
	row, _, err := s.App.Ledger.Inventory().Account(t.Context(), identity.OneLoginRef(service.ID))
	require.NoError(t, err)
	require.Equal(t, identity.KindService, row.Kind)
}

func keysOf(people int) []string {
	keys := make([]string, people)
	for i := range keys {
		keys[i] = fmt.Sprintf("workday-210%02d", 20+i)
	}
	return keys
}

// TestPlanForAllIsThePlanForEach: what is planned from bulk readings is what an assessment of each person plans, in a
// company whose accounts are older than Gatehouse, with orders, links and refusals on record.
func TestPlanForAllIsThePlanForEach(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{People: 120, Legacy: true, NoWorker: true})
	s.HR("workday-21005", "terminate", control.Fields{"last_day": "today-3"})
	s.HR("workday-21009", "terminate", control.Fields{"last_day": "today+20"})
	s.HR("workday-21011", "change", control.Fields{"department": "Sales", "title": "Account executive"})
	s.HR("bamboohr-103", "terminate", control.Fields{"last_day": "today-1"})
	key := s.Hire("workday", control.Fields{"first_name": "Ada", "last_name": "Byron", "department": "Engineering", "title": "Engineer", "location": "Berlin", "hire_date": "today"})
	require.NoError(t, s.App.Ledger.Orders().Put(t.Context(), identity.Order{ID: "freeze", Key: "workday-21012", Kind: identity.OrderFreeze, By: "grace", Reason: "test", At: time.Now()}))
	for _, o := range []string{"workday-21012", "workday-21013", key} {
		source, id, _ := strings.Cut(o, "-")
		_, err := s.App.Ledger.People().Admit(t.Context(), o, source, id, persons.Digests{})
		require.NoError(t, err)
	}
	reader, err := s.App.Census(0, nil)
	require.NoError(t, err)
	data, err := reader.Read(t.Context())
	require.NoError(t, err)
	require.True(t, data.Complete())
	pol := s.Vendors.Policy.Current()
	differ := 0
	verdicts := map[identity.Verdict]int{}
	for p := range census.New(data, pol).Plans() {
		one, err := s.Vendors.Activities.Person.Preview(t.Context(), p.Key)
		require.NoError(t, err, p.Key)
		verdicts[one.Plan.Verdict]++
		kinds := func(plan identity.Plan) (out []string) {
			for _, step := range plan.Steps {
				out = append(out, step.String())
			}
			return out
		}
		if one.Plan.Verdict != p.Plan.Verdict || !slices.Equal(kinds(one.Plan), kinds(p.Plan)) {
			differ++
			t.Errorf("%s: alone %s %v %s, among all %s %v %s", p.Key, one.Plan.Verdict, kinds(one.Plan), codes(one.Plan), p.Plan.Verdict, kinds(p.Plan), codes(p.Plan))
		}
	}
	require.Greater(t, len(verdicts), 3, "%v", verdicts)
	require.Zero(t, differ)
}

func codes(plan identity.Plan) string {
	var out []string
	for _, n := range plan.Notices {
		if n.Blocking {
			out = append(out, n.Code)
		}
	}
	return strings.Join(out, " ")
}
