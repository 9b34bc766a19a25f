package gateway_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/gateway"
	"gatehouse/internal/httpx"
)

// TestRefusals: what is not a delivery of ours is answered with a 4xx, which BambooHR never repeats, and nothing else
// happens.
func TestRefusals(t *testing.T) {
	t.Parallel()
	const good = `{"employees":[{"id":"101"}]}`
	badSignature := "bamboohr webhook: the signature fits none of the configured keys; check the webhook's private key"
	badWorkday := "workday webhook: X-Gatehouse-Signature must be hex HMAC-SHA256 of X-Gatehouse-Timestamp (unix seconds), a dot and the raw body, with one of gateway.workday_keys"
	unknown := "bamboohr webhook: the body is not JSON; set the webhook's format to json"
	signed := func(body string) http.Header { return bamboo("new-key", body, unix(noon)) }
	type test struct {
		path, body string
		header     http.Header
		code       int
		status     string
	}
	tests := map[string]test{
		"no signature":              {body: good, header: http.Header{}, code: 401, status: badSignature},
		"another key":               {body: good, header: bamboo("stolen", good, unix(noon)), code: 401, status: badSignature},
		"an empty key":              {body: good, header: bamboo("", good, unix(noon)), code: 401, status: badSignature},
		"one byte changed":          {body: good + " ", header: signed(good), code: 401, status: badSignature},
		"the same JSON, respelled":  {body: `{"employees": [{"id": "101"}]}`, header: signed(good), code: 401, status: badSignature},
		"timestamp changed":         {body: good, header: http.Header{"X-Bamboohr-Timestamp": {unix(noon.Add(time.Second))}, "X-Bamboohr-Signature": signed(good)["X-Bamboohr-Signature"]}, code: 401, status: badSignature},
		"workday's key":             {body: good, header: bamboo("workday-key", good, unix(noon)), code: 401, status: badSignature},
		"not JSON":                  {body: `<employees/>`, header: signed(`<employees/>`), code: 400, status: unknown},
		"no body":                   {body: ``, header: signed(``), code: 400, status: unknown},
		"workday without signature": {path: "/webhooks/workday", body: `{"worker":"1"}`, header: http.Header{}, code: 401, status: badWorkday},
		"workday with another key":  {path: "/webhooks/workday", body: `{"worker":"1"}`, header: workday("stolen", `{"worker":"1"}`, unix(noon)), code: 401, status: badWorkday},
		"workday changed":           {path: "/webhooks/workday", body: `{"worker":"2"}`, header: workday("workday-key", `{"worker":"1"}`, unix(noon)), code: 401, status: badWorkday},
		"workday without time":      {path: "/webhooks/workday", body: `{"worker":"1"}`, header: workday("workday-key", `{"worker":"1"}`, "now"), code: 401, status: badWorkday},
		"workday from last week":    {path: "/webhooks/workday", body: `{"worker":"1"}`, header: workday("workday-key", `{"worker":"1"}`, unix(noon.Add(-7*24*time.Hour))), code: 401, status: "workday webhook: the timestamp is 168h0m0s from now; check the clock"},
		"workday without JSON":      {path: "/webhooks/workday", body: `worker=1`, header: workday("workday-key", `worker=1`, unix(noon)), code: 400, status: `workday webhook: the body is not JSON; send {"workers": ["<employee id>"]}`},
		"longer than a megabyte":    {body: strings.Repeat("x", 1<<20+1), header: http.Header{}, code: 413, status: "the body is larger than 1 MiB"},
		"workday longer than that":  {path: "/webhooks/workday", body: strings.Repeat("x", 1<<20+1), header: http.Header{}, code: 413, status: "the body is larger than 1 MiB"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDoor(t)
			d.resolve = func(string, string) (string, bool, error) {
				t.Error("the ledger was asked about a delivery that is refused")
				return "", false, nil
			}
			if tt.path == "" {
				tt.path = "/webhooks/bamboohr"
			}
			got := d.post(tt.path, tt.body, tt.header)
			require.Equal(t, tt.code, got.code)
			require.Equal(t, tt.status, got.status)
			require.Empty(t, d.hinted())
			for _, secret := range []string{"new-key", "old-key", "workday-key", "stolen"} {
				require.NotContains(t, d.log.String(), secret)
			}
		})
	}
}

// TestDeliveriesAboutNobody: what is JSON and signed is accepted whatever it says, because a refusal is never repeated and a
// repetition would say the same. Nobody is hinted, and the odd entries are counted.
func TestDeliveriesAboutNobody(t *testing.T) {
	t.Parallel()
	bodies := map[string][]string{
		"bamboohr": {
			`{"employees":[{"id":""}]}`, `{"employees":[{"id":0}]}`, `{"type":"employee.updated","data":{"employeeId":"../x"}}`, `{}`, `7.5`, `null`,
			`{"employees":7.5}`, `{"type":"employee.updated"}`, `{"employees":[[[[[[[["101"]]]]]]]]}`,
		},
		"workday": {`{"workers":["a/b",1.5,-1]}`, `{}`, `true`, `{"workers":[{"type":"WID","$":"3aa5550b7fe348b98d7b5741afc65534"}]}`},
	}
	for _, id := range []string{"../x", "a/b", "..", ".", "1 2", "1\n2", "1%2F2", "1?2", "1#2", "-1", "007", "é", strings.Repeat("1", 300)} {
		data, err := json.Marshal(map[string]any{"employees": []any{map[string]string{"id": id}}})
		require.NoError(t, err)
		bodies["bamboohr"] = append(bodies["bamboohr"], string(data))
		if id == "007" {
			continue // A tenant of Workday may number its people so.
		}
		data, err = json.Marshal(map[string]string{"worker": id})
		require.NoError(t, err)
		bodies["workday"] = append(bodies["workday"], string(data))
	}
	for source, all := range bodies {
		for _, body := range all {
			t.Run(source+" "+body, func(t *testing.T) {
				t.Parallel()
				d := newDoor(t)
				header := bamboo("new-key", body, unix(noon))
				if source == "workday" {
					header = workday("workday-key", body, unix(noon))
				}
				got := d.post("/webhooks/"+source, body, header)
				require.Equal(t, http.StatusAccepted, got.code)
				require.Empty(t, d.hinted())
				require.Positive(t, d.odd[source])
			})
		}
	}
	for source, body := range map[string]string{"workday": `{"workers":[]}`, "bamboohr": `[]`} {
		d := newDoor(t)
		header := bamboo("new-key", body, unix(noon))
		if source == "workday" {
			header = workday("workday-key", body, unix(noon))
		}
		require.Equal(t, http.StatusAccepted, d.post("/webhooks/"+source, body, header).code)
		require.Zero(t, d.odd[source], "an empty list names nobody wrongly")
	}
}

// TestIDsInAllShapes: who can be told from a delivery is hinted once, in whatever shape the sender writes them.
func TestIDsInAllShapes(t *testing.T) {
	t.Parallel()
	shapes := map[string][]string{
		"workday": {
			`{"workers":["21001"]}`, `{"worker":21001}`, `{"worker":" 21001 "}`, `{"workers":"21001"}`, `["21001"]`, `"21001"`, `21001`,
			`{"workers":[21001.0]}`, `{"workers":[2.1001e4]}`, `{"workers":["21001","21001",21001]}`, `{"workers":{"worker":"21001"}}`,
			`{"workers":{"worker":[{"Employee_ID":"21001"}]}}`, `{"employee_id":"21001"}`, `{"Worker":{"id":"21001"}}`, "\ufeff" + `{"workers":["21001"]}`,
			`{"workers":[{"ID":[{"type":"WID","$":"3aa5550b7fe348b98d7b5741afc65534"},{"type":"Employee_ID","$":"21001"}]}]}`,
			`{"workers":["21001",null,"",{}]}`, `{"workers":[["21001"]]}`, `{"workers":["21001,21001"]}`, `{"workers":["21001"],"worker":null}`,
		},
		"bamboohr": {
			`{"employees":[{"id":"101"}]}`, `{"employees":[{"id":101.0}]}`, `{"employees":{"id":101}}`, `{"employees":{"101":{"action":"Updated"}}}`,
			`[{"id":"101"}]`, `{"employees":["101"]}`, `{"employees":[101]}`, `{"type":"Employee.Updated","data":{"employeeId":" 101 "}}`,
			`{"type":"employee.updated","data":[{"employeeId":"101"},{"employeeId":"101"}]}`, `{"type":"employee.updated","data":{"id":101}}`,
			`{"type":"employee.updated","employeeId":"101"}`, `{"employees":[{"id":{"value":"101"}}]}`, `{"type":5,"employees":[{"id":"101"},null,[]]}`,
			"\ufeff" + `{"employees":[{"id":"101"}]}`, `{"id":"101"}`,
		},
	}
	want := map[string]string{"workday": "workday-21001 workday webhook", "bamboohr": "bamboohr-101 bamboohr webhook"}
	for source, all := range shapes {
		for _, body := range all {
			t.Run(source+" "+body, func(t *testing.T) {
				t.Parallel()
				d := newDoor(t)
				header := bamboo("new-key", body, unix(noon))
				if source == "workday" {
					header = workday("workday-key", body, unix(noon))
				}
				header.Set("Content-Type", "text/plain; charset=iso-8859-1")
				require.Equal(t, http.StatusAccepted, d.post("/webhooks/"+source, body, header).code)
				require.Equal(t, []string{want[source]}, d.hinted())
			})
		}
	}
	var many []int
	for i := range 5000 {
		many = append(many, 21001+i)
	}
	data, err := json.Marshal(map[string]any{"workers": many})
	require.NoError(t, err)
	d := newDoor(t)
	require.Equal(t, http.StatusAccepted, d.post("/webhooks/workday", string(data), workday("workday-key", string(data), unix(noon))).code)
	require.Len(t, d.hinted(), len(many))
}

func TestWrongDoors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method, path string
		code         int
	}{
		{http.MethodGet, "/webhooks/bamboohr", http.StatusMethodNotAllowed},
		{http.MethodPut, "/webhooks/workday", http.StatusMethodNotAllowed},
		{http.MethodDelete, "/webhooks/bamboohr", http.StatusMethodNotAllowed},
		{http.MethodPost, "/webhooks/personio", http.StatusNotFound},
		{http.MethodPost, "/webhooks/bamboohr/101", http.StatusNotFound},
		{http.MethodPost, "/", http.StatusNotFound},
		{http.MethodGet, "/", http.StatusNotFound},
		{http.MethodPost, "/healthz", http.StatusMethodNotAllowed},
		{http.MethodPost, "/readyz", http.StatusMethodNotAllowed},
	}
	for _, tt := range tests {
		d := newDoor(t)
		require.Equal(t, tt.code, d.do(httptest.NewRequest(tt.method, tt.path, http.NoBody)).code, "%s %s", tt.method, tt.path)
		require.Empty(t, d.hinted())
	}
}

// TestWithoutKeysEverythingIsRefused: a gateway that was given no key for a source takes nothing from it, whatever it
// is signed with.
func TestWithoutKeysEverythingIsRefused(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][]httpx.Secret{"none": nil, "an empty one": {""}} {
		handler := gateway.New(gateway.Options{
			Send: func(context.Context, string, api.Hint) (api.Sent, error) {
				t.Error("hinted without a key")
				return api.Sent{}, nil
			},
			BambooHRKeys: keys, WorkdayKeys: keys, Clock: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
		})
		d := &door{t: t, handler: handler}
		body := `{"employees":[{"id":"101"}]}`
		require.Equal(t, http.StatusUnauthorized, d.post("/webhooks/bamboohr", body, bamboo("", body, unix(noon))).code, name)
		require.Equal(t, http.StatusUnauthorized, d.post("/webhooks/workday", body, workday("", body, unix(noon))).code, name)
	}
}
