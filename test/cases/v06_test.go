package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/config"
	"gatehouse/internal/doctor"
	"gatehouse/internal/yamlfile"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// demanding is a project whose administrator demands fields of every type.
var demanding = control.JiraProject{Key: "IT", Components: []string{"Identity"}, Fields: []control.JiraField{
	{ID: "customfield_10021", Name: "Cost centre", Type: "string", Required: true},
	{ID: "customfield_10022", Name: "Seats", Type: "number", Required: true},
	{ID: "customfield_10023", Name: "Site", Type: "option", Required: true, Options: []string{"Berlin", "Oslo"}},
	{ID: "customfield_10024", Name: "Audiences", Type: "array", Items: "option", Required: true, Options: []string{"Audit", "Payroll", "IT"}},
	{ID: "customfield_10025", Name: "Approver", Type: "user", Required: true},
	{ID: "customfield_10026", Name: "Kind", Type: "option-with-child", Required: true, Options: []string{"Account > Joiner", "Account > Leaver"}},
	{ID: "customfield_10027", Name: "Watch", Type: "array", Items: "user", Required: true},
	{ID: "customfield_10028", Name: "Origin", Type: "string", Required: true, Default: true},
}}

// constants fill them in.
func constants(c *config.Config) {
	c.Jira.Fields = map[string]yamlfile.Values{
		"customfield_10021": {"4711"}, "seats": {"1"}, "Site": {"Oslo"}, "customfield_10024": {"Audit", "IT"}, "Approver": {"712020:gatehouse"},
		"Kind": {"Account", "Leaver"}, "customfield_10027": {"712020:gatehouse"},
	}
}

// refusedTicket waits until a run asks about its ticket, and returns what it says.
func refusedTicket(s *kit.Stack, key string) string {
	s.T.Helper()
	text := ""
	s.Until("somebody is asked about the ticket of "+key, func() bool {
		state, open := s.State(key)
		for _, item := range state.Attention {
			if item.Step == "jira.ticket" {
				text = item.Text
			}
		}
		return open && text != ""
	})
	return text
}

// TestCase_V06_DemandedFieldIsNamed: Jira demands a field that no setting gives. The item says which, by its name, its id and
// its type, and which setting mends it; it quotes nothing that was sent. The field is no longer demanded, and a retry makes the
// ticket.
func TestCase_V06_DemandedFieldIsNamed(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t), Config: often})
	s.Baseline()
	require.NoError(t, s.Sandbox.ChangeJiraProject(t.Context(), control.JiraProject{Key: "IT", Fields: demanding.Fields[:1]}))
	account := s.Account("workday-21009")
	leaves(s, "workday-21009")
	s.AwaitShut(account.ID)
	text := refusedTicket(s, "workday-21009")
	require.Contains(t, text, "HTTP 400, customfield_10021")
	require.Contains(t, text, `it wants a value for "Cost centre" (customfield_10021, string): set jira.fields.customfield_10021`)
	require.NotContains(t, text, account.Username)
	listed := ""
	d := s.Desk(nil)
	s.Until("it is listed", func() bool {
		listed = d.MustRun("attention", "list")
		return strings.Contains(listed, "jira")
	})
	require.NoError(t, s.Sandbox.ChangeJiraProject(t.Context(), control.JiraProject{Key: "IT"}))
	s.Until("somebody decides", func() bool { return s.Decide(api.PersonID("workday-21009"), api.VerbRetry) == nil })
	require.NotEmpty(t, ticketAbout(s, "workday-21009").Key)
	require.Contains(t, s.Outcome("workday-21009").Result, "access ended")
}

// TestCase_V06_DemandedFieldsAreGiven: constants by name and by id are sent as each field takes them, and read in Jira.
func TestCase_V06_DemandedFieldsAreGiven(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t), Config: constants})
	require.NoError(t, s.Sandbox.ChangeJiraProject(t.Context(), demanding))
	s.Baseline()
	leaves(s, "workday-21009")
	made := ticketAbout(s, "workday-21009")
	require.Equal(t, map[string]any{
		"customfield_10021": "4711", "customfield_10022": 1.0, "customfield_10023": "Oslo", "customfield_10024": []any{"Audit", "IT"},
		"customfield_10025": "712020:gatehouse", "customfield_10026": "Account > Leaver", "customfield_10027": []any{"712020:gatehouse"},
	}, made.Fields)
	require.Contains(t, s.Outcome("workday-21009").Result, "access ended")
}

// TestCase_V06_ConstantThatDoesNotFit: the field is gone, or its option. The item names the settings, all of them at once; the
// account is shut all the same, and once Jira has them again a retry makes the ticket.
func TestCase_V06_ConstantThatDoesNotFit(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t), Config: constants})
	changed := demanding
	changed.Fields = append([]control.JiraField{}, demanding.Fields[1:]...)
	changed.Fields[1].Options = []string{"Berlin"}
	require.NoError(t, s.Sandbox.ChangeJiraProject(t.Context(), changed))
	s.Baseline()
	account := s.Account("workday-21009")
	leaves(s, "workday-21009")
	s.AwaitShut(account.ID)
	text := refusedTicket(s, "workday-21009")
	require.Contains(t, text, "jira.fields.customfield_10021: a new ticket has no such field")
	require.Contains(t, text, `jira.fields.Site: "Site" (customfield_10023, option) has no option "Oslo"`)
	require.NoError(t, s.Sandbox.ChangeJiraProject(t.Context(), demanding))
	s.Until("somebody decides", func() bool { return s.Decide(api.PersonID("workday-21009"), api.VerbRetry) == nil })
	require.Equal(t, "Oslo", ticketAbout(s, "workday-21009").Fields["customfield_10023"])
}

// TestCase_V06_DoctorFindsItBefore: what a project demands and no setting gives is found before the first ticket is refused.
func TestCase_V06_DoctorFindsItBefore(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{NoWorker: true})
	require.NoError(t, s.Sandbox.ChangeJiraProject(t.Context(), demanding))
	jira := func(settings string) doctor.Result {
		d := s.Desk(func(text string) string { return kit.Replace(t, text, "  project: IT\n", "  project: IT\n"+settings) })
		_, found := examine(t, d)
		return doctor.Result{State: worst(found["GH-D32"]).State, Found: foundOf(found["GH-D32"])}
	}
	bare := jira("")
	require.Equal(t, doctor.Failure, bare.State)
	require.Contains(t, bare.Found, `"Cost centre" (customfield_10021, string): set jira.fields.customfield_10021`)
	require.NotContains(t, bare.Found, "Origin", "it has a default")
	given := `  assignee: "712020:gatehouse"
  components: [Identity]
  fields:
    customfield_10021: 4711
    Seats: 1
    Site: Oslo
    Audiences: [Audit, IT]
    Approver: "712020:gatehouse"
    Kind: [Account, Leaver]
    Watch: "712020:gatehouse"
`
	require.Equal(t, doctor.Fine, jira(given).State)
	wrong := jira(strings.Replace(given, "712020", "712021", 1) + "  team: nowhere\n  priorities: {high: Blocker, hihg: Highest}\n")
	require.Equal(t, doctor.Failure, wrong.State)
	require.Contains(t, wrong.Found, "jira.team: a new ticket has no team field")
	require.Contains(t, wrong.Found, "the project has no priority Blocker")
	require.Contains(t, wrong.Found, "jira.priorities has hihg, which is no severity")
	require.Contains(t, wrong.Found, "jira.assignee: no such account can be assigned")
	require.NoError(t, s.Sandbox.ChangeJiraProject(t.Context(), control.JiraProject{Key: "IT", Archived: true}))
	require.Equal(t, doctor.Failure, jira("").State)
}

func foundOf(all []doctor.Result) string {
	text := ""
	for _, r := range all {
		text += r.Found + "\n" + r.Mend + "\n"
	}
	return text
}
