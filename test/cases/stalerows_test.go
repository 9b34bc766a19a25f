package cases

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/config"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// rewriting stands before Workday and has every row of a report become the rows that a function makes of it.
func rewriting(t *testing.T, spoil func(row map[string]any) []map[string]any) func(*config.Config) {
	return func(c *config.Config) {
		target, err := url.Parse(strings.TrimSuffix(c.Workday.BaseURL, "/workday"))
		require.NoError(t, err)
		proxy := httputil.NewSingleHostReverseProxy(target)
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.URL.Path, "/customreport2/") {
				proxy.ServeHTTP(w, r)
				return
			}
			rec := httptest.NewRecorder()
			proxy.ServeHTTP(rec, r)
			var report struct {
				Rows []map[string]any `json:"Report_Entry"`
			}
			body := rec.Body.Bytes()
			if rec.Code == http.StatusOK && json.Unmarshal(body, &report) == nil {
				rows := []map[string]any{}
				for _, row := range report.Rows {
					rows = append(rows, spoil(row)...)
				}
				// Maps of strings always encode.
				body, _ = json.Marshal(map[string]any{"Report_Entry": rows})
			}
			w.Header().Set("Content-Type", rec.Header().Get("Content-Type"))
			w.WriteHeader(rec.Code)
			_, _ = w.Write(body) // A client that has gone needs no answer.
		}))
		t.Cleanup(site.Close)
		c.Workday.BaseURL = site.URL + "/workday"
	}
}

// TestCase_L21_StaleRowBesideTheEnd: the export has two rows about one employment, and the one that is out of date says that it
// goes on. Somebody is asked; who has two rows that agree is not; and once the row is gone, the leaver is out.
func TestCase_L21_StaleRowBesideTheEnd(t *testing.T) {
	t.Parallel()
	var repaired atomic.Bool
	s := kit.New(t, kit.Options{Policy: roomy(t), Config: rewriting(t, func(row map[string]any) []map[string]any {
		if repaired.Load() || row["Employee_ID"] != "21005" && row["Employee_ID"] != "21008" {
			return []map[string]any{row}
		}
		old := maps.Clone(row)
		for _, column := range []string{"Last_Day_of_Work", "Termination_Date", "Termination_Involuntary"} {
			delete(old, column)
		}
		old["Status"], old["Business_Title"] = "Active", "Before"
		return []map[string]any{old, row}
	})})
	s.Baseline()
	account := s.Account("workday-21005")
	intact := untouched(s, s.Account("workday-21008"))
	leaves(s, "workday-21005")
	tell(s, "workday-21008")
	s.Until("it is asked about", func() bool { return waits(s, "workday-21005", policy.NoticeStatusContradictsEnd) })
	s.Sync("workday")
	s.Until("it is still asked about", func() bool { return waits(s, "workday-21005", policy.NoticeStatusContradictsEnd) })
	require.False(t, waits(s, "workday-21008", policy.NoticeStatusContradictsEnd))
	intact()
	repaired.Store(true)
	tell(s, "workday-21005")
	s.AwaitShut(account.ID)
}

// TestCase_R05_RescindedWhoHaveBegun: an export says of a dozen people who have worked here for years that they do not come.
// Nobody is touched before somebody has allowed the batch, and those whom HR repairs keep what they have.
func TestCase_R05_RescindedWhoHaveBegun(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: ordinary(t)})
	s.Baseline()
	keys, ids := berliners(s, 12)
	intact := untouched(s)
	var employees []string
	for _, key := range keys {
		employees = append(employees, strings.TrimPrefix(key, "workday-"))
	}
	_, err := s.Sandbox.HRBulk(t.Context(), control.Bulk{Source: "workday", Action: "rescind", EmployeeIDs: employees})
	require.NoError(t, err)
	s.Sync("workday")
	askedAbout(s, "workday", api.HoldLeaver, 12)
	tell(s, keys[0])
	s.Until("their own run is held as well", func() bool { return waits(s, keys[0], api.NoticeBudgetContain) })
	s.Sync("workday")
	intact()
	require.Equal(t, 1, s.Said(it, fmt.Sprintf("%d people would lose access", len(keys))), "one question, and one message")
	decideHold(s, "workday", api.HoldLeaver, api.VerbAllow)
	long(s, "they are out", func() bool { return inside(s, ids) == 0 })
}

// TestCase_R03_NobodyCanTell: a report comes in another language, or with its dates in each other's columns, so that of nobody it
// says whether they work here. That is one doubt about the source and no item of each person; the repair is not doubted.
func TestCase_R03_NobodyCanTell(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(row map[string]any){
		"statuses in unknown words": func(row map[string]any) {
			row["Status"] = map[bool]string{true: "Beendet", false: "Aktiv"}[row["Status"] == "Terminated"]
		},
		"dates in each other's columns": func(row map[string]any) {
			row["Termination_Date"], row["Last_Day_of_Work"] = row["Hire_Date"], row["Hire_Date"]
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var wrong atomic.Bool
			s := kit.New(t, kit.Options{Policy: roomy(t), Config: rewriting(t, func(row map[string]any) []map[string]any {
				if wrong.Load() {
					spoil(row)
				}
				return []map[string]any{row}
			})})
			s.Baseline()
			account := s.Account("workday-21005")
			intact := untouched(s, account)
			wrong.Store(true)
			s.HR("workday-21005", "terminate", control.Fields{"last_day": "today", "involuntary": true})
			run, text := notBelieved(s, "workday", "it cannot be told any more whether they do")
			require.Contains(t, s.Desk(nil).Run("records", "--source", "workday").Out, code(t, text))
			require.LessOrEqual(t, len(open(s, api.TypePerson)), 1, "nobody is asked about one by one")
			intact()
			wrong.Store(false)
			repaired(s, "workday", run)
			s.AwaitShut(account.ID)
			require.Equal(t, "in step", s.Sync("workday").Result, "and the repair is not doubted")
			intact()
		})
	}
}
