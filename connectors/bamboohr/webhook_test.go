package bamboohr_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/connectors/bamboohr"
	"gatehouse/internal/httpx"
)

func sign(key, body, stamp string) http.Header {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body + stamp))
	return http.Header{
		"X-Bamboohr-Timestamp": {stamp}, "X-Bamboohr-Signature": {hex.EncodeToString(mac.Sum(nil))},
	}
}

func TestVerifyWebhook(t *testing.T) {
	t.Parallel()
	const body = `{"employees":[]}`
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	unix := strconv.FormatInt(now.Unix(), 10)
	for name, tc := range map[string]struct {
		header http.Header
		body   string
		keys   []httpx.Secret
		maxAge time.Duration
		want   error
	}{
		"right":                  {header: sign("k1", body, unix), keys: []httpx.Secret{"k1"}},
		"second key":             {header: sign("k2", body, unix), keys: []httpx.Secret{"k1", "k2"}},
		"first key":              {header: sign("k1", body, unix), keys: []httpx.Secret{"k1", "k2"}},
		"wrong key":              {header: sign("k3", body, unix), keys: []httpx.Secret{"k1", "k2"}, want: bamboohr.ErrSignature},
		"no keys":                {header: sign("", body, unix), want: bamboohr.ErrSignature},
		"empty key":              {header: sign("", body, unix), keys: []httpx.Secret{""}, want: bamboohr.ErrSignature},
		"changed body":           {header: sign("k1", body, unix), body: body + " ", keys: []httpx.Secret{"k1"}, want: bamboohr.ErrSignature},
		"no headers":             {header: http.Header{}, keys: []httpx.Secret{"k1"}, want: bamboohr.ErrSignature},
		"fresh, seconds":         {header: sign("k1", body, unix), keys: []httpx.Secret{"k1"}, maxAge: time.Minute},
		"fresh, ISO":             {header: sign("k1", body, "2026-11-23T12:00:30+0000"), keys: []httpx.Secret{"k1"}, maxAge: time.Minute},
		"old":                    {header: sign("k1", body, "2026-11-23T11:58:00Z"), keys: []httpx.Secret{"k1"}, maxAge: time.Minute, want: bamboohr.ErrStale},
		"from the future":        {header: sign("k1", body, "2026-11-23T12:02:00Z"), keys: []httpx.Secret{"k1"}, maxAge: time.Minute, want: bamboohr.ErrStale},
		"unreadable time":        {header: sign("k1", body, "now"), keys: []httpx.Secret{"k1"}, maxAge: time.Minute, want: bamboohr.ErrStale},
		"unreadable but allowed": {header: sign("k1", body, "now"), keys: []httpx.Secret{"k1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.body == "" {
				tc.body = body
			}
			require.ErrorIs(t, bamboohr.VerifyWebhook([]byte(tc.body), tc.header, tc.keys, now, tc.maxAge), tc.want)
		})
	}
	upper := sign("k1", body, unix)
	upper.Set("X-BambooHR-Signature", strings.ToUpper(upper.Get("X-BambooHR-Signature")))
	require.ErrorIs(t, bamboohr.VerifyWebhook([]byte(body), upper, []httpx.Secret{"k1"}, now, 0), bamboohr.ErrSignature)
}

func TestParseWebhook(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 31, 18, 42, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		body string
		want []bamboohr.WebhookChange
	}{
		"event": {
			`{"type":"employee.updated","timestamp":"2026-01-31T18:42:00+0000",
			  "data":{"companyId":"12345","employeeId":"67890","changedFields":["firstName"]}}`,
			[]bamboohr.WebhookChange{{EmployeeID: "67890", Action: "updated", At: at, Fields: []string{"firstName"}}},
		},
		"event with a number and Z": {
			`{"type":"employee.created","timestamp":"2026-01-31T18:42:00Z","data":{"employeeId":67890}}`,
			[]bamboohr.WebhookChange{{EmployeeID: "67890", Action: "created", At: at}},
		},
		"fields, flat and as objects": {
			`{"employees":[
			  {"id":"123","action":"Updated","changedFields":["Status"],"fields":{"Status":"Inactive"},"timestamp":"2026-01-31T18:42:00Z"},
			  {"id":124,"fields":{"Status":{"value":"Inactive"},"Hired":null}}]}`,
			[]bamboohr.WebhookChange{
				{EmployeeID: "123", Action: "updated", At: at, Fields: []string{"Status"}},
				{EmployeeID: "124", Fields: []string{"Hired", "Status"}},
			},
		},
		"fields with a type around": {
			`{"type":"employee_with_fields.deleted","timestamp":"2026-01-31T18:42:00Z","employees":[{"id":"1"}]}`,
			[]bamboohr.WebhookChange{{EmployeeID: "1", Action: "deleted", At: at}},
		},
		"company": {`{"type":"company.updated","data":{"companyId":"1"}}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := bamboohr.ParseWebhook([]byte(tc.body))
			require.NoError(t, err)
			if diff := cmp.Diff(bamboohr.Delivery{Employees: tc.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, body := range []string{
		``, `{"employees":[`, `employees=1`, "\xff",
	} {
		_, err := bamboohr.ParseWebhook([]byte(body))
		require.ErrorIs(t, err, bamboohr.ErrPayload, body)
	}
	for body, odd := range map[string]int{
		`{"type":"employee.updated","data":{}}`: 1, `{"employees":[{}]}`: 1, `{"employees":[{},7.5,{"id":[]}]}`: 3, `{}`: 1,
		`{"type":"employee.updated"}`: 1, `{"employees":7.5}`: 1, `[]`: 0,
	} {
		got, err := bamboohr.ParseWebhook([]byte(body))
		require.NoError(t, err)
		require.Equal(t, bamboohr.Delivery{Odd: odd}, got, body)
	}
}
