package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/server"
)

const oneUser = "/onelogin/api/2/users/100005?mappings=disabled"

func TestFaults(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault     string
		committed bool
		status    int
		fails     bool
		journal   string
	}{
		"status before":     {`{"style":"status","status":503,"retry_after":2}`, false, 503, false, "before:status"},
		"status after":      {`{"when":"after","style":"status","status":502}`, true, 502, false, "after:status"},
		"drop before":       {`{"style":"drop"}`, false, 0, true, "before:drop"},
		"drop after":        {`{"when":"after","style":"drop"}`, true, 0, true, "after:drop"},
		"rate limit":        {`{"style":"rate_limit","status":400}`, false, 400, false, "before:rate_limit"},
		"truncated":         {`{"style":"truncate"}`, true, 200, true, "after:truncate"},
		"malformed":         {`{"style":"malformed"}`, true, 200, false, "after:malformed"},
		"malformed before":  {`{"when":"before","style":"malformed"}`, false, 200, false, "before:malformed"},
		"delay":             {`{"style":"delay","delay_ms":1}`, true, 200, false, "before:delay"},
		"other system":      {`{"system":"slack","style":"drop"}`, true, 200, false, ""},
		"other method":      {`{"method":"GET","style":"drop"}`, true, 200, false, ""},
		"path":              {`{"system":"onelogin","method":"PUT","path":"/api/2/users/*","style":"status"}`, false, 503, false, "before:status"},
		"path of a segment": {`{"path":"/api/2/*","style":"drop"}`, true, 200, false, ""},
		"path below":        {`{"path":"/api/2/**","style":"status"}`, false, 503, false, "before:status"},
		"skip":              {`{"style":"drop","skip":1}`, true, 200, false, ""},
		"query":             {`{"query":"mappings=disabled","style":"status"}`, false, 503, false, "before:status"},
		"other query":       {`{"query":"mappings=sync","style":"status"}`, true, 200, false, ""},
		"gateway's words":   {`{"style":"status","status":404,"body":"<h1>404</h1>"}`, false, 404, false, "before:status"},
		"operation":         {`{"op":"onelogin.update_user","style":"status"}`, false, 503, false, "before:status"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := run(t, server.Options{})
			as := s.oneLoginToken("sandbox-onelogin")
			s.control("POST", "faults", tc.fault)
			a, err := s.try("PUT", oneUser, `{"status":2}`, as)
			require.Equal(t, tc.fails, err != nil)
			require.Equal(t, tc.status, a.status)
			want := 1
			if tc.committed {
				want = 2
			}
			require.Equal(t, want, s.user("id=100005").Status)
			last := s.journal("system=onelogin&last=1")[0]
			require.Equal(t, tc.journal, last.Fault)
			require.Equal(t, tc.committed, last.Effect != "")
		})
	}
}

func TestFaultIsSpent(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.oneLoginToken("sandbox-onelogin")
	s.control("POST", "faults", `{"style":"status","times":2}`)
	var got []int
	for range 3 {
		got = append(got, s.call("GET", oneUser, "", as).status)
	}
	// The query parameter is not one of GET: the third call reaches the endpoint, which says so.
	require.Equal(t, []int{503, 503, 400}, got)
	s.control("POST", "faults", `{"style":"status","times":-1}`)
	s.control("DELETE", "faults", "")
	require.Equal(t, 400, s.call("GET", oneUser, "", as).status)
	for _, bad := range []string{`{"style":"explode"}`, `{"when":"later"}`, `{"stile":"drop"}`, `{"style":"callback"}`, `{"path":"["}`, `{"times":-2}`, `{"style":"drop","body":"x"}`} {
		require.Equal(t, 400, s.call("POST", "/sandbox/faults", bad).status, bad)
	}
}

// TestCallback shows what a crash test sees: before the commit nothing has happened, after it everything has, and the
// caller has no reply yet.
func TestCallback(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.oneLoginToken("sandbox-onelogin")
	statuses := make(chan int, 2)
	ts := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			t.Error(err)
		}
		statuses <- s.user("id=100005").Status
	}))
	defer ts.Close()
	s.control("POST", "faults", `{"method":"PUT","when":"before","style":"callback","url":"`+ts.URL+`"}`)
	s.control("POST", "faults", `{"method":"PUT","when":"after","style":"callback","url":"`+ts.URL+`"}`)
	require.Equal(t, 200, s.call("PUT", oneUser, `{"status":2}`, as).status)
	require.Equal(t, 1, <-statuses)
	require.Equal(t, 2, <-statuses)
}

func TestJournal(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.oneLoginToken("sandbox-onelogin")
	s.call("GET", "/onelogin/api/2/users/100001", "", as)
	s.call("PUT", oneUser, `{"status":2}`, as)
	s.call("GET", "/slack/nothing", "")
	all := s.journal("")
	require.Len(t, all, 4)
	require.Equal(t, entry{
		Seq: 3, System: "onelogin", Op: "onelogin.update_user", Subject: "user:100005", Effect: "status 1 -> 2", Status: 200,
		Client: "sandbox-onelogin",
	}, all[2])
	require.True(t, all[3].Unknown)
	require.Len(t, s.journal("system=onelogin"), 3)
	require.Len(t, s.journal("effects=true"), 1)
	require.Len(t, s.journal("since=3"), 1)
	require.Len(t, s.journal("last=2"), 2)
	var counts map[string]map[string]int
	s.control("GET", "journal/counts", "").json(t, &counts)
	require.Equal(t, map[string]int{"total": 3, "onelogin.token": 1, "onelogin.get_user": 1, "onelogin.update_user": 1}, counts["onelogin"])

	s.control("DELETE", "journal", "")
	require.Empty(t, s.journal(""))
	s.call("GET", "/slack/nothing", "")
	require.Equal(t, 5, s.journal("")[0].Seq, "numbers go on")
}

func TestReset(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.oneLoginToken("sandbox-onelogin")
	s.call("PUT", oneUser, `{"status":2}`, as)
	before := s.user("id=100001").Username
	s.control("POST", "reset", `{"people":200,"seed":7}`)
	require.Equal(t, 1, s.user("id=100005").Status)
	require.NotEqual(t, before, s.user("id=100001").Username, "another seed, other people")
	require.Empty(t, s.journal(""))
	require.Equal(t, 401, s.call("GET", oneUser, "", as).status, "tokens of the old tenant are gone")
	var state struct {
		OneLogin struct {
			Users []user `json:"users"`
		} `json:"onelogin"`
	}
	s.control("GET", "state", "").json(t, &state)
	require.Len(t, state.OneLogin.Users, 200)
	s.control("POST", "reset", `{"people":60,"seed":1}`)
	require.Equal(t, before, s.user("id=100001").Username, "the same seed, the same people")
}

// TestSeedIsConsistent: whoever works here can sign in, whoever has left cannot and holds nothing.
func TestSeedIsConsistent(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{People: 300})
	var state struct {
		OneLogin struct {
			Users []user `json:"users"`
		} `json:"onelogin"`
	}
	s.control("GET", "state", "").json(t, &state)
	left := 0
	for _, u := range state.OneLogin.Users {
		full := s.user("username=" + u.Username)
		if len(full.HR) == 0 {
			continue
		}
		require.Len(t, full.HR, 1)
		gone := full.HR[0].Standing == "left"
		require.Equal(t, !gone, full.CanSignIn)
		require.Equal(t, gone, len(full.Roles) == 0)
		if gone {
			left++
		}
	}
	require.Positive(t, left)
}

func TestPage(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	a := s.call("GET", "/", "")
	require.Equal(t, 200, a.status)
	require.Contains(t, a.body, `<html lang="en">`)
	require.NotContains(t, a.body, "http://", "no external assets")
	require.NotContains(t, a.body, "https://")
	s.control("POST", "hr", `{"source":"workday","action":"terminate","employee_id":"21002","fields":{"involuntary":true}}`)
	var o struct {
		Summary  map[string]int   `json:"summary"`
		Matching int              `json:"matching"`
		People   []map[string]any `json:"people"`
	}
	s.control("GET", "overview?q=workday-21002", "").json(t, &o)
	require.Equal(t, 1, o.Matching)
	require.Equal(t, "left", o.People[0]["standing"])
	require.Equal(t, 1, o.Summary["left_with_access"])
	require.Equal(t, 404, s.call("GET", "/nowhere", "").status)
}

func TestLatencyAndClockRefuse(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	s.control("POST", "latency", `{"ms":1}`)
	require.Equal(t, 400, s.call("POST", "/sandbox/clock", `{"advance":"-1h"}`).status)
	require.Equal(t, 400, s.call("POST", "/sandbox/latency", `{"seconds":1}`).status)
	before := time.Now()
	s.call("GET", "/onelogin/api/2/users/1", "")
	require.GreaterOrEqual(t, time.Since(before), time.Millisecond)
}
