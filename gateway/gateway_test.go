package gateway_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/gateway"
	"gatehouse/internal/httpx"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// door is a gateway that remembers whom it hinted.
type door struct {
	t       *testing.T
	handler http.Handler
	log     *bytes.Buffer

	mu   sync.Mutex
	sent []string
	// odd are the entries that named nobody, by source.
	odd map[string]int
	// send replaces what sending does; nil succeeds.
	send func(ctx context.Context, key string) error
	// resolve replaces what the ledger knows; nil knows nobody.
	resolve func(source, id string) (string, bool, error)
	ready   error
	oddErr  error
}

func newDoor(t *testing.T) *door {
	t.Helper()
	d := &door{t: t, log: &bytes.Buffer{}, odd: map[string]int{}}
	d.handler = gateway.New(gateway.Options{
		Send: func(ctx context.Context, key string, hint api.Hint) (api.Sent, error) {
			d.mu.Lock()
			d.sent = append(d.sent, fmt.Sprintf("%s %s %s", key, hint.Source, hint.Cause))
			d.mu.Unlock()
			if d.send != nil {
				return api.Sent{}, d.send(ctx, key)
			}
			return api.Sent{}, nil
		},
		Resolve: func(_ context.Context, source, id string) (string, bool, error) {
			if d.resolve != nil {
				return d.resolve(source, id)
			}
			return "", false, nil
		},
		Ready: func(context.Context) error { return d.ready },
		Odd: func(_ context.Context, source string, entries int) error {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.odd[source] += entries
			return d.oddErr
		},
		BambooHRKeys: []httpx.Secret{"old-key", "new-key"}, WorkdayKeys: []httpx.Secret{"workday-key", "next-key"},
		Clock: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(d.log, nil)),
	})
	return d
}

// hinted lists the hints in alphabetical order.
func (d *door) hinted() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(slices.Values(d.sent))
}

// answer is a reply with its one word of text.
type answer struct {
	code   int
	status string
	header http.Header
}

func (d *door) do(req *http.Request) answer {
	d.t.Helper()
	rec := httptest.NewRecorder()
	d.handler.ServeHTTP(rec, req)
	var body struct {
		Status string `json:"status"`
	}
	if rec.Header().Get("Content-Type") == "application/json" {
		require.NoError(d.t, json.Unmarshal(rec.Body.Bytes(), &body))
	}
	return answer{code: rec.Code, status: body.Status, header: rec.Header()}
}

func (d *door) post(path, body string, header http.Header) answer {
	d.t.Helper()
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	req.Header = header
	return d.do(req)
}

// bamboo signs a body as BambooHR does: the body, then the timestamp.
func bamboo(key, body, stamp string) http.Header {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body + stamp))
	h := http.Header{}
	h.Set("X-BambooHR-Timestamp", stamp)
	h.Set("X-BambooHR-Signature", hex.EncodeToString(mac.Sum(nil)))
	return h
}

// workday signs a body as a Workday business process is told to.
func workday(key httpx.Secret, body, stamp string) http.Header {
	h := http.Header{}
	h.Set(gateway.HeaderTimestamp, stamp)
	h.Set(gateway.HeaderSignature, gateway.SignWorkday([]byte(body), stamp, key))
	return h
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

func TestDeliveriesBecomeHints(t *testing.T) {
	t.Parallel()
	const (
		event  = `{"type":"employee.updated","timestamp":"2026-11-23T11:59:58+0000","data":{"employeeId":"101","changedFields":["status"]}}`
		number = `{"type":"employee.created","data":{"employeeId":101}}`
		fields = `{"type":"employee_with_fields.updated","employees":[{"id":"101","action":"Updated","fields":{"status":"x"}},{"id":102,"changedFields":["hireDate"]},{"id":"103"}]}`
		twice  = `{"employees":[{"id":"101"},{"id":"101"},{"id":101}]}`
		firm   = `{"type":"company.updated","data":{"companyId":"1"}}`
	)
	one := []string{"bamboohr-101 bamboohr webhook"}
	tests := map[string]struct {
		path, body string
		header     http.Header
		want       []string
	}{
		"an event":                        {path: "/webhooks/bamboohr", body: event, header: bamboo("new-key", event, unix(noon)), want: one},
		"an event with a number":          {path: "/webhooks/bamboohr", body: number, header: bamboo("new-key", number, unix(noon)), want: one},
		"signed with the key rotated out": {path: "/webhooks/bamboohr", body: event, header: bamboo("old-key", event, unix(noon)), want: one},
		"several people with fields": {
			path: "/webhooks/bamboohr", body: fields, header: bamboo("new-key", fields, unix(noon)),
			want: []string{"bamboohr-101 bamboohr webhook", "bamboohr-102 bamboohr webhook", "bamboohr-103 bamboohr webhook"},
		},
		"one person three times":        {path: "/webhooks/bamboohr", body: twice, header: bamboo("new-key", twice, unix(noon)), want: one},
		"an event about no person":      {path: "/webhooks/bamboohr", body: firm, header: bamboo("new-key", firm, unix(noon))},
		"repeated four hours later":     {path: "/webhooks/bamboohr", body: event, header: bamboo("new-key", event, unix(noon.Add(-4*time.Hour))), want: one},
		"a clock four hours ahead":      {path: "/webhooks/bamboohr", body: event, header: bamboo("new-key", event, unix(noon.Add(4*time.Hour))), want: one},
		"two days old":                  {path: "/webhooks/bamboohr", body: event, header: bamboo("new-key", event, unix(noon.Add(-48*time.Hour))), want: one},
		"a timestamp in other words":    {path: "/webhooks/bamboohr", body: event, header: bamboo("new-key", event, "yesterday at noon"), want: one},
		"with an ISO timestamp":         {path: "/webhooks/bamboohr", body: event, header: bamboo("new-key", event, "2026-11-23T11:00:00+0000"), want: one},
		"workday":                       {path: "/webhooks/workday", body: `{"worker":"21001"}`, header: workday("workday-key", `{"worker":"21001"}`, unix(noon)), want: []string{"workday-21001 workday webhook"}},
		"workday with the next key":     {path: "/webhooks/workday", body: `{"worker":"21001"}`, header: workday("next-key", `{"worker":"21001"}`, unix(noon)), want: []string{"workday-21001 workday webhook"}},
		"several workers, one repeated": {path: "/webhooks/workday", body: `{"workers":["21001"," C-77 ","21001"],"worker":"21001","event":"Hire"}`, header: workday("workday-key", `{"workers":["21001"," C-77 ","21001"],"worker":"21001","event":"Hire"}`, unix(noon)), want: []string{"workday-21001 workday webhook", "workday-C-77 workday webhook"}},
		"workday repeated hours later":  {path: "/webhooks/workday", body: `{"worker":"21001"}`, header: workday("workday-key", `{"worker":"21001"}`, unix(noon.Add(-4*time.Hour))), want: []string{"workday-21001 workday webhook"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDoor(t)
			got := d.post(tt.path, tt.body, tt.header)
			require.Equal(t, http.StatusAccepted, got.code, got.status)
			require.Equal(t, "accepted", got.status)
			require.Equal(t, tt.want, d.hinted())
		})
	}
}

// TestOneOddEntryLosesNobodyElse: what is answered with a 4xx is never repeated, so the good ones are hinted, and the odd
// ones are counted where somebody sees it.
func TestOneOddEntryLosesNobodyElse(t *testing.T) {
	t.Parallel()
	one, both := []string{"bamboohr-101 bamboohr webhook"}, []string{"bamboohr-101 bamboohr webhook", "bamboohr-102 bamboohr webhook"}
	tests := map[string]struct {
		source, body string
		want         []string
		odd          int
	}{
		"an id that cannot be used":   {body: `{"employees":[{"id":"../102"},{"id":"101"}]}`, want: one, odd: 1},
		"no id":                       {body: `{"employees":[{"id":"101"},{"action":"Updated"},{"id":""},{"id":null}]}`, want: one, odd: 3},
		"an id that is an object":     {body: `{"employees":[{"id":{"when":"102"}},{"id":"101"}]}`, want: one, odd: 1},
		"an entry that is none":       {body: `{"employees":["-",7.5,null,{"id":"101"}]}`, want: one, odd: 3},
		"employee 0":                  {body: `{"employees":[{"id":0},{"id":101}]}`, want: one, odd: 1},
		"fields that are a list":      {body: `{"employees":[{"id":"101","fields":[]},{"id":"102","fields":[{"name":"status"}]}]}`, want: both},
		"fields that are a text":      {body: `{"employees":[{"id":"101","fields":"status","changedFields":{"0":"x"},"action":7}]}`, want: one},
		"a time that is none":         {body: `{"timestamp":{},"employees":[{"id":"101","timestamp":"soon"},{"id":"102","timestamp":[]}]}`, want: both},
		"an event with an odd list":   {body: `{"type":"employee.updated","timestamp":"soon","data":{"employeeId":"101","changedFields":{}}}`, want: one},
		"workers as numbers":          {source: "workday", body: `{"workers":[21001,"C-77"],"worker":21002}`, want: []string{"workday-21001 workday webhook", "workday-21002 workday webhook", "workday-C-77 workday webhook"}},
		"one worker without the list": {source: "workday", body: `{"workers":"21001"}`, want: []string{"workday-21001 workday webhook"}},
		"one number without the list": {source: "workday", body: `{"workers":21001}`, want: []string{"workday-21001 workday webhook"}},
		"odd workers among good ones": {source: "workday", body: `{"workers":["21001","a/b",2.5,null,{"at":"7"},true]}`, want: []string{"workday-21001 workday webhook"}, odd: 5},
	}
	for name, tt := range tests {
		for _, failing := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				d := newDoor(t)
				if failing {
					d.oddErr = errors.New("no ledger")
				}
				path, header, source := "/webhooks/bamboohr", bamboo("new-key", tt.body, unix(noon)), "bamboohr"
				if tt.source == "workday" {
					path, header, source = "/webhooks/workday", workday("workday-key", tt.body, unix(noon)), "workday"
				}
				got := d.post(path, tt.body, header)
				require.Equal(t, http.StatusAccepted, got.code, got.status)
				require.Equal(t, tt.want, d.hinted())
				require.Equal(t, tt.odd, d.odd[source])
				require.Equal(t, tt.odd > 0, strings.Contains(d.log.String(), "names somebody by no employee id"))
				require.NotContains(t, d.log.String(), "a/b", "what is no id may be anything")
			})
		}
	}
}

// TestKnownPeopleAreHintedUnderTheirOwnKey: a contractor's new record is about the person the ledger knows.
func TestKnownPeopleAreHintedUnderTheirOwnKey(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.resolve = func(source, id string) (string, bool, error) {
		require.Equal(t, "bamboohr", source)
		return "workday-21001", id == "101", nil
	}
	body := `{"employees":[{"id":"101"},{"id":"102"}]}`
	require.Equal(t, http.StatusAccepted, d.post("/webhooks/bamboohr", body, bamboo("new-key", body, unix(noon))).code)
	require.Equal(t, []string{"bamboohr-102 bamboohr webhook", "workday-21001 bamboohr webhook"}, d.hinted())
}

// TestBodyOfAMegabyteIsRead: the limit is not in the way of a large company's delivery.
func TestBodyOfAMegabyteIsRead(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	var list []string
	for i := range 20_000 {
		list = append(list, fmt.Sprintf(`{"id":"%d"}`, i+1))
	}
	body := `{"employees":[` + strings.Join(list, ",") + `]}`
	require.Less(t, len(body), 1<<20)
	require.Equal(t, http.StatusAccepted, d.post("/webhooks/bamboohr", body, bamboo("new-key", body, unix(noon))).code)
	require.Len(t, d.hinted(), 20_000)
}

// TestAnswerComesAfterEveryHint: 2xx means that everybody's hint is durable, and nothing less.
func TestAnswerComesAfterEveryHint(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	entered, release := make(chan string, 3), make(chan struct{})
	d.send = func(_ context.Context, key string) error {
		entered <- key
		if key == "bamboohr-103" {
			<-release
		}
		return nil
	}
	body := `{"employees":[{"id":"101"},{"id":"102"},{"id":"103"}]}`
	answered := make(chan answer, 1)
	go func() { answered <- d.post("/webhooks/bamboohr", body, bamboo("new-key", body, unix(noon))) }()
	for range 3 {
		<-entered
	}
	select {
	case <-answered:
		require.Fail(t, "answered before the last hint was durable")
	default:
	}
	close(release)
	require.Equal(t, http.StatusAccepted, (<-answered).code)
}

// TestNotDurableIsNotAccepted: BambooHR repeats after a 5xx, and after nothing else.
func TestNotDurableIsNotAccepted(t *testing.T) {
	t.Parallel()
	body := `{"employees":[{"id":"101"},{"id":"102"}]}`
	tests := map[string]func(d *door){
		"one of several fails": func(d *door) {
			d.send = func(_ context.Context, key string) error {
				if key == "bamboohr-102" {
					return errors.New("no Temporal")
				}
				return nil
			}
		},
		"all fail": func(d *door) { d.send = func(context.Context, string) error { return errors.New("no Temporal") } },
		"ledger fails": func(d *door) {
			d.resolve = func(string, string) (string, bool, error) { return "", false, errors.New("no ledger") }
		},
		"the caller hung up": func(d *door) {
			d.send = func(ctx context.Context, _ string) error { return context.Cause(ctx) }
		},
	}
	for name, arrange := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDoor(t)
			arrange(d)
			req := httptest.NewRequest(http.MethodPost, "/webhooks/bamboohr", strings.NewReader(body))
			req.Header = bamboo("new-key", body, unix(noon))
			if name == "the caller hung up" {
				ctx, cancel := context.WithCancel(req.Context())
				cancel()
				req = req.WithContext(ctx)
			}
			got := d.do(req)
			require.Equal(t, http.StatusServiceUnavailable, got.code)
			require.Equal(t, "not durable yet, repeat later", got.status)
			require.Contains(t, d.log.String(), "the sender will repeat it")
		})
	}
}

// TestHintsAreNotLeftHanging: a hint gets a bounded time, so that the answer comes while the sender still waits.
func TestHintsAreNotLeftHanging(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.send = func(ctx context.Context, _ string) error {
		deadline, bounded := ctx.Deadline()
		require.True(t, bounded)
		require.LessOrEqual(t, time.Until(deadline), 10*time.Second)
		return nil
	}
	body := `{"employees":[{"id":"101"}]}`
	require.Equal(t, http.StatusAccepted, d.post("/webhooks/bamboohr", body, bamboo("new-key", body, unix(noon))).code)
}

// TestHealth: a process that runs is healthy; one that cannot make hints durable is not ready, and says nothing more
// about why to whoever asks.
func TestHealth(t *testing.T) {
	t.Parallel()
	get := func(d *door, path string) answer { return d.do(httptest.NewRequest(http.MethodGet, path, http.NoBody)) }
	d := newDoor(t)
	require.Equal(t, http.StatusOK, get(d, "/healthz").code)
	require.Equal(t, answer{code: http.StatusOK, status: "ready", header: http.Header{"Content-Type": {"application/json"}}}, get(d, "/readyz"))
	d.ready = errors.New("ledger: postgres://gatehouse@db: connection refused")
	require.Equal(t, http.StatusOK, get(d, "/healthz").code)
	got := get(d, "/readyz")
	require.Equal(t, http.StatusServiceUnavailable, got.code)
	require.Equal(t, "Temporal or the ledger does not answer", got.status)
	require.Contains(t, d.log.String(), "connection refused", "the log tells the operator")
}
