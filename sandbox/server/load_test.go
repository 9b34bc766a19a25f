package server_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/server"
)

// TestConcurrency has many clients change, list and reset the same few people at once; the race detector watches, and
// afterwards roles and users must agree.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Quota: 1 << 30})
	as := s.oneLoginToken("sandbox-onelogin")
	wd := s.workdayToken()
	jira := basic("gatehouse@acme.example", "sandbox-jira-token")
	var wg sync.WaitGroup
	for worker := range 16 {
		wg.Go(func() {
			for i := range 20 {
				id := 100001 + (worker+i)%8
				for _, err := range []error{
					s.quiet("PUT", fmt.Sprintf("/onelogin/api/2/users/%d?mappings=async", id), fmt.Sprintf(`{"status":%d,"department":"Sales"}`, 1+i%2), as),
					s.quiet("DELETE", "/onelogin/api/2/roles/501/users", fmt.Sprintf("[%d]", id), as),
					s.quiet("POST", "/onelogin/api/2/roles/501/users", fmt.Sprintf("[%d]", id), as),
					s.quiet("GET", "/onelogin/api/2/users?email=*a*", "", as),
					s.quiet("GET", "/onelogin/api/1/events", "", as),
					s.quiet("POST", "/onelogin/api/2/users", fmt.Sprintf(`{"username":"u%d-%d","email":"u@x"}`, worker, i), as),
					s.quiet("GET", roster, "", wd),
					s.quiet("POST", "/sandbox/hr", fmt.Sprintf(`{"source":"workday","action":"change","employee_id":"21001","fields":{"title":"T%d"}}`, i)),
					s.quiet("POST", "/jira/rest/api/2/issue", `{"fields":{"summary":"x","project":{"key":"IT"},"issuetype":{"name":"Task"},"labels":["l"]}}`, jira),
					s.quiet("GET", "/jira/rest/api/3/search/jql?jql=labels=l&fields=summary", "", jira),
					s.quiet("POST", "/slack/api/chat.postMessage", `{"channel":"C0IT","text":"x"}`, header("Authorization", "Bearer xoxb-sandbox")),
					s.quiet("GET", "/sandbox/overview", ""),
				} {
					if err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	a := s.call("GET", "/onelogin/api/2/roles/501/users?limit=100", "", as)
	for id := 100001; id <= 100008; id++ {
		require.Equal(t, strings.Contains(a.body, fmt.Sprintf(`"id":%d,`, id)),
			strings.Contains(strings.Join(s.user(fmt.Sprintf("id=%d", id)).Roles, ","), "Everyone"))
	}
	var counts map[string]map[string]int
	s.control("GET", "journal/counts", "").json(t, &counts)
	require.Equal(t, 320, counts["jira"]["jira.create_issue"])
}

// quiet makes a call that must not fail with 4xx or 5xx.
func (s *sandbox) quiet(method, path, body string, options ...option) error {
	a, err := s.try(method, path, body, options...)
	if err == nil && a.status >= 400 {
		err = fmt.Errorf("%s %s: status %d: %s", method, path, a.status, a.body)
	}
	return err
}

// The benchmarks measure a whole call over loopback HTTP, from 64 clients, on a tenant of 10,000 people.
func benchmark(b *testing.B, request func(i int) (method, path, body string)) {
	s := run(b, server.Options{People: 10000, Quota: 1 << 40})
	as := s.oneLoginToken("sandbox-onelogin")
	b.SetParallelism(32)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			method, path, body := request(i)
			req, err := http.NewRequest(method, s.base+path, strings.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			as(req)
			resp, err := s.http.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			_, err = io.Copy(io.Discard, resp.Body)
			if err := errors.Join(err, resp.Body.Close()); err != nil || resp.StatusCode != http.StatusOK {
				b.Errorf("status %d, %v", resp.StatusCode, err)
			}
		}
	})
}

func BenchmarkGetUser(b *testing.B) {
	benchmark(b, func(i int) (string, string, string) {
		return "GET", fmt.Sprintf("/onelogin/api/2/users/%d", 100001+i%10000), ""
	})
}

func BenchmarkPutUser(b *testing.B) {
	benchmark(b, func(i int) (string, string, string) {
		return "PUT", fmt.Sprintf("/onelogin/api/2/users/%d?mappings=disabled", 100001+i%10000), fmt.Sprintf(`{"status":%d}`, 1+i%2)
	})
}

func BenchmarkFindByExternalID(b *testing.B) {
	benchmark(b, func(i int) (string, string, string) {
		return "GET", fmt.Sprintf("/onelogin/api/2/users?external_id=workday-%d&fields=id,status,role_ids", 21001+i%8000), ""
	})
}
