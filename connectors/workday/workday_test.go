package workday_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/conformance"
	"gatehouse/connectors/workday"
	"gatehouse/identity"
	"gatehouse/internal/httpx"
)

const (
	clientSecret = "wd-s3cr3t-value"
	refreshToken = "wd-refresh-value"
	accessToken  = "wd-access-value"
	workEmail    = "ada.lovelace@example.com"
	workers      = 250
)

func TestConformance(t *testing.T) {
	t.Parallel()
	conformance.Run(t, conformance.Subject{
		System:    "workday",
		Handler:   func(t *testing.T) http.Handler { return newTenant(t) },
		TokenPath: "/ccx/oauth2/acme/token",
		New: func(t *testing.T, env conformance.Env) conformance.Calls {
			o := options(env.BaseURL)
			o.HTTP, o.Timeout, o.MaxBody = env.HTTP, env.Timeout, env.MaxBody
			c, err := workday.New(o)
			require.NoError(t, err)
			return conformance.Calls{
				Read: func(ctx context.Context) error {
					_, found, err := c.Worker(ctx, "21001")
					if err == nil && !found {
						return errors.New("worker not found")
					}
					return err
				},
				List: func(ctx context.Context) (int, error) {
					ids := map[string]bool{}
					err := c.Workers(ctx, func(w workday.WorkerSummary) error {
						ids[w.WorkerID] = true
						return nil
					})
					return len(ids), err
				},
			}
		},
		Listed:  workers,
		Planted: []string{clientSecret, refreshToken, accessToken, workEmail, "21001"},
		Fault: func(_ int, text string) string {
			return fmt.Sprintf(`{"error":%q,"errors":[{"error":%q,"code":%q}]}`, text, text, text)
		},
		NotApplicable: map[conformance.Case]string{
			conformance.RateLimitAs400: "Workday answers 429, or 500 on reports",
		},
	})
}

func TestNewListsEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := workday.New(workday.Options{
		RosterReport: "a/b", Columns: workday.Columns{"shoe_size": "X", "hire_date": ""}, Timeout: -1,
	})
	for _, want := range []string{
		"base_url", "tenant", "client_id", "client_secret", "report_owner", "worker_report", "roster_report",
		`unknown field "shoe_size"`, `"hire_date"`, "timeout",
	} {
		require.ErrorContains(t, err, want)
	}
}

func TestWorker(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		report string
		want   identity.Record
		absent bool
	}{
		"texts": {
			report: `{"Report_Entry":[{"Employee_ID":"21001","First_Name":" Ada ","Hire_Date":"2026-11-23-08:00",
				"Department":"R&D","Status":"Active","Last_Day_of_Work":"2026-12-01","Termination_Involuntary":"1","Manager_Employee_ID":20001}]}`,
			want: identity.Record{
				EmployeeID: "21001", FirstName: "Ada", HireDate: "2026-11-23", Department: "R&D", ManagerID: "20001",
				Status: identity.StatusActive, LastDay: "2026-12-01", Involuntary: true,
			},
		},
		"a lone row that is no list, nested values, flags": {
			report: `{"Report_Entry":{"Employee_ID":"21001","Hire_Date":"2026-11-23T00:00:00+01:00",
				"Department":[{"Descriptor":"R&D","ID":"x"},{"Descriptor":"Other"}],"Location":{"Descriptor":"Paris"},
				"Status":true,"Termination_Involuntary":false,"Rescinded":"0"}}`,
			want: identity.Record{
				EmployeeID: "21001", HireDate: "2026-11-23", Department: "R&D", Location: "Paris", Status: identity.StatusActive,
			},
		},
		"Active=0 is not terminated": {
			report: `{"Report_Entry":[{"Employee_ID":"21001","Hire_Date":"2027-01-01","Department":"R&D","Status":"0"}]}`,
			want: identity.Record{
				EmployeeID: "21001", HireDate: "2027-01-01", Department: "R&D", Status: identity.StatusInactive,
			},
		},
		"what is not there or not understood is missing": {
			report: `{"Report_Entry":[{"Employee_ID":"21001","Department":"","Status":"Sabbatical",
				"Last_Day_of_Work":"soon","Termination_Involuntary":"maybe"}]}`,
			want: identity.Record{
				EmployeeID: "21001", Status: identity.StatusUnknown,
				Missing: []string{"department", "hire_date", "involuntary", "last_day", "status"},
			},
		},
		"rescinded": {
			report: `{"Report_Entry":[{"Employee_ID":"21001","Hire_Date":"2027-01-01","Department":"R&D","Status":"1","Rescinded":"true"}]}`,
			want: identity.Record{
				EmployeeID: "21001", HireDate: "2027-01-01", Department: "R&D", Status: identity.StatusRescinded,
			},
		},
		"contractor turned employee": {
			report: `{"Report_Entry":[
				{"Employee_ID":"21001","Hire_Date":"2020-01-01","Department":"A","Status":"Terminated","Termination_Date":"2024-12-31"},
				{"Employee_ID":"21001","Hire_Date":"2025-01-01","Department":"B","Status":"Active"}]}`,
			want: identity.Record{
				EmployeeID: "21001", HireDate: "2025-01-01", Department: "B", Status: identity.StatusActive,
				Others: []identity.Record{{
					Source: identity.SourceWorkday, EmployeeID: "21001", HireDate: "2020-01-01", Department: "A",
					Status: identity.StatusTerminated, TerminationDate: "2024-12-31",
				}},
			},
		},
		"a birth date": {
			report: `{"Report_Entry":[{"Employee_ID":"21001","Hire_Date":"2025-01-01","Department":"B","Status":"Active","Date_of_Birth":"1990-05-17-07:00"}]}`,
			want: identity.Record{
				EmployeeID: "21001", HireDate: "2025-01-01", Department: "B", Status: identity.StatusActive, BirthDate: "1990-05-17",
			},
		},
		"empty list":   {report: `{"Report_Entry":[]}`, absent: true},
		"empty object": {report: `{}`, absent: true},
		"null":         {report: `{"Report_Entry":null}`, absent: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTenant(t)
			s.worker = tc.report
			got, found, err := s.start().Worker(t.Context(), "21001")
			require.NoError(t, err)
			require.Equal(t, !tc.absent, found)
			if !tc.absent {
				tc.want.Source = identity.SourceWorkday
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWorkerOfIgnoredPrompt(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	s.worker = `{"Report_Entry":[{"Employee_ID":"1"},{"Employee_ID":"2"}]}`
	_, found, err := s.start().Worker(t.Context(), "21001")
	require.False(t, found)
	require.True(t, connectors.IsKind(err, connectors.KindInvalid), "%v", err)
	require.ErrorContains(t, err, "worker_prompt")
}

// TestWorkerWithoutEmployeeID: the record is the right one, and what it lacks is named instead of the prompt.
func TestWorkerWithoutEmployeeID(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	s.worker = `{"Report_Entry":[{"First_Name":"Ada","Status":"Active"}]}`
	_, found, err := s.start().Worker(t.Context(), "21001")
	require.False(t, found)
	require.True(t, connectors.IsKind(err, connectors.KindInvalid), "%v", err)
	require.ErrorContains(t, err, "without an employee id: enter it in Workday")
	require.NotContains(t, err.Error(), "worker_prompt")
}

func TestReportsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, `[]`, `"x"`, `{"error":"x"}`, `{"Report_Entry":"x"}`, `{"Report_Entry":[1]}`, `{"Report_Entry":[{}]`, `{"Report_Entry":[{}`,
	} {
		s := newTenant(t)
		s.worker, s.report = body, body
		c := s.start()
		_, _, err := c.Worker(t.Context(), "21001")
		require.True(t, connectors.IsKind(err, connectors.KindMalformed), "%q: %v", body, err)
		_, err = c.Roster(t.Context(), func(identity.Record) error {
			t.Errorf("%q passed a record on", body)
			return nil
		})
		require.True(t, connectors.IsKind(err, connectors.KindMalformed), "%q: %v", body, err)
	}
}

func TestRosterMergesByEmployeeID(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	s.report = `{"Meta":{"x":[1]},"Report_Entry":[
		{"Employee_ID":"1","Hire_Date":"2020-01-01","Department":"A","Status":"Active"},
		{"Employee_ID":"2","Hire_Date":"2025-01-01","Department":"new","Status":"Active"},
		{"Department":"nobody"},
		{"Employee_ID":"2","Hire_Date":"2020-01-01","Department":"old","Status":"Terminated"},
		{"Employee_ID":"3","Hire_Date":"2019-01-01","Department":"old","Status":"Terminated","Termination_Date":"2024-01-01"},
		{"Employee_ID":"3","Hire_Date":"2027-01-01","Department":"new","Status":"Inactive"}]}`
	got := map[string]string{}
	roster, err := s.start().Roster(t.Context(), func(r identity.Record) error {
		got[r.EmployeeID] += r.Department
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, workday.Roster{Records: 3, WithoutID: 1, MissingColumns: []string{}}, roster)
	require.Equal(t, map[string]string{"1": "A", "2": "new", "3": "new"}, got)
}

// TestRowsThatAreNone: one that cannot be read loses nobody else's, and two profiles are the same in any order.
func TestRowsThatAreNone(t *testing.T) {
	t.Parallel()
	rows := []string{
		`{"Employee_ID":"1","Hire_Date":"2020-01-01","Department":"A","Status":"Active"}`, `7`, `null`, `"x"`, `[]`,
		`{"Employee_ID":"1","Hire_Date":"2018-01-01","Department":"B","Status":"Terminated"}`,
		`{"Employee_ID":"1","Hire_Date":"2010-01-01","Department":"C","Status":"Terminated"}`,
	}
	read := func() (got []identity.Record) {
		s := newTenant(t)
		s.report = `{"Report_Entry":[` + strings.Join(rows, ",") + `]}`
		roster, err := s.start().Roster(t.Context(), func(r identity.Record) error {
			got = append(got, r)
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, workday.Roster{Records: 1, WithoutID: 4, MissingColumns: []string{}}, roster)
		return got
	}
	first := read()
	require.Len(t, first[0].Others, 2)
	slices.Reverse(rows)
	require.Empty(t, cmp.Diff(first, read()))
}

// TestReportInAnotherEncoding: JSON may be written in UTF-16, and begin with a mark.
func TestReportInAnotherEncoding(t *testing.T) {
	t.Parallel()
	text := `{"Report_Entry":[{"Employee_ID":"1","Hire_Date":"2020-01-01","Last_Name":"Müller","Status":"Active"}]}`
	utf16 := func(order binary.AppendByteOrder, text string) (out []byte) {
		for _, unit := range utf16.Encode([]rune(text)) {
			out = order.AppendUint16(out, unit)
		}
		return out
	}
	for name, body := range map[string][]byte{
		"UTF-8": []byte(text), "UTF-8 with a mark": []byte("\uFEFF" + text),
		"UTF-16": utf16(binary.BigEndian, text), "UTF-16 with a mark": utf16(binary.BigEndian, "\uFEFF"+text),
		"UTF-16, the other way": utf16(binary.LittleEndian, text), "UTF-16, the other way with a mark": utf16(binary.LittleEndian, "\uFEFF"+text),
	} {
		s := newTenant(t)
		s.report = string(body)
		var got string
		_, err := s.start().Roster(t.Context(), func(r identity.Record) error {
			got += r.LastName
			return nil
		})
		require.NoError(t, err, name)
		require.Equal(t, "Müller", got, name)
	}
}

func TestRosterReportsLostColumns(t *testing.T) {
	t.Parallel()
	for report, want := range map[string][]string{
		`{"Report_Entry":[{"Employee_ID":"1","Department":"A","Status":""},{"Employee_ID":"2"}]}`:                           {"hire_date", "status"},
		`{"Report_Entry":[{"Employee_ID":"1","Department":"A"},{"Employee_ID":"2","Hire_Date":"2020-01-01","Status":"1"}]}`: {},
		`{"Report_Entry":[]}`: {"employee_id", "hire_date", "department", "status"},
	} {
		s := newTenant(t)
		s.report = report
		roster, err := s.start().Roster(t.Context(), func(identity.Record) error { return nil })
		require.NoError(t, err)
		require.Equal(t, want, roster.MissingColumns)
	}
}

func TestRosterStopsWithTheCaller(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	s.report = `{"Report_Entry":[{"Employee_ID":"1"},{"Employee_ID":"2"}]}`
	enough := errors.New("enough")
	roster, err := s.start().Roster(t.Context(), func(identity.Record) error { return enough })
	require.ErrorIs(t, err, enough)
	require.Zero(t, roster.Records)
}

func TestRosterBeyondTheLimit(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	s.report = `{"Report_Entry":[` + strings.Repeat(`{"Employee_ID":"1"},`, 1000) + `{}]}`
	c := s.start(func(o *workday.Options) { o.MaxReport = 5000 })
	_, err := c.Roster(t.Context(), func(identity.Record) error {
		t.Error("a report that was cut must pass nobody on")
		return nil
	})
	require.True(t, connectors.IsKind(err, connectors.KindMalformed), "%v", err)
	require.ErrorContains(t, err, "larger than the limit")
}

func TestTenantsOwnColumnsAndWords(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	s.worker = `{"Report_Entry":[{"Employee_ID":"21001","CF_Start":"2024-01-01","Department":"A","Status":"Gone"}]}`
	c := s.start(func(o *workday.Options) {
		o.Columns = workday.Columns{"hire_date": "CF_Start"}
		o.Statuses = map[string]identity.Status{"GONE": identity.StatusTerminated}
	})
	rec, found, err := c.Worker(t.Context(), "21001")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, identity.Date("2024-01-01"), rec.HireDate)
	require.Equal(t, identity.StatusTerminated, rec.Status)
	require.Empty(t, rec.Missing)
}

func TestRotatedRefreshTokenIsKept(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	s.rotate = "wd-refresh-2"
	var told []string
	c := s.start(func(o *workday.Options) {
		o.OnRotatedRefreshToken = func(token httpx.Secret) { told = append(told, token.Reveal()) }
	})
	_, _, err := c.Worker(t.Context(), "21001")
	require.NoError(t, err)
	require.Equal(t, []string{"wd-refresh-2"}, told)
	require.Equal(t, []string{"refresh_token"}, s.grants)
}

func TestClientCredentialsWithoutRefreshToken(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	_, _, err := s.start(func(o *workday.Options) { o.RefreshToken = "" }).Worker(t.Context(), "21001")
	require.NoError(t, err)
	require.Equal(t, []string{"client_credentials"}, s.grants)
}
