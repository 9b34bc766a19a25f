package onelogin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
)

func TestInventoryWalksWithItsFilters(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	var queries []string
	s.answerWith(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		queries = append(queries, q.Get("updated_since")+" "+q.Get("limit")+" "+q.Get("cursor"))
		for _, field := range []string{"directory_id", "trusted_idp_id", "role_ids", "last_login", "locked_until"} {
			if !strings.Contains(q.Get("fields"), field) {
				t.Errorf("%s was not asked for", field)
			}
		}
		w.Header().Set("Total-Count", "3")
		u := user(1, "ada", adaEmail, "S-1-5-21", nil)
		u["directory_id"], u["trusted_idp_id"] = 77, "9"
		switch q.Get("cursor") {
		case "":
			w.Header().Set("After-Cursor", "c1")
			reply(w, 200, []any{u})
		case "c1":
			w.Header().Set("After-Cursor", "c2")
			reply(w, 200, []any{user(2, "bob", "", "", nil)})
		default:
			w.Header().Del("Total-Count")
			reply(w, 200, []any{})
		}
	})
	c := s.start()
	since := time.Date(2026, 11, 1, 1, 0, 0, 0, time.FixedZone("", 3600))
	list, err := c.Inventory(t.Context(), since, "")
	require.NoError(t, err)
	require.Equal(t, "c1", list.Next)
	require.Equal(t, 3, list.Total)
	require.Equal(t, []int64{77, 9}, []int64{list.Users[0].DirectoryID, list.Users[0].TrustedIDP})
	list, err = c.Inventory(t.Context(), since, list.Next)
	require.NoError(t, err)
	require.EqualValues(t, 2, list.Users[0].ID)
	list, err = c.Inventory(t.Context(), since, list.Next)
	require.NoError(t, err)
	require.Empty(t, list.Next, "an empty page is the last")
	require.Equal(t, onelogin.NotStated, list.Total)
	_, err = c.Inventory(t.Context(), time.Time{}, "")
	require.NoError(t, err)
	require.Equal(t, []string{
		"2026-11-01T00:00:00.000Z 100 ", "2026-11-01T00:00:00.000Z  c1", "2026-11-01T00:00:00.000Z  c2", " 100 ",
	}, queries)
}

func TestInventoryTakesSmallerPages(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	var limits []string
	s.answerWith(func(w http.ResponseWriter, r *http.Request) {
		limits = append(limits, r.URL.Query().Get("limit"))
		if r.URL.Query().Get("limit") == "100" {
			v2Error(w, 400, "BadRequestError", "limit can be 50 at most")
			return
		}
		reply(w, 200, []any{user(1, "ada", adaEmail, "", nil)})
	})
	list, err := s.start().Inventory(t.Context(), time.Time{}, "")
	require.NoError(t, err)
	require.Len(t, list.Users, 1)
	require.Equal(t, []string{"100", "50"}, limits)
}

func TestInventoryRefusesWhatLeadsNowhere(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(w http.ResponseWriter){
		"a page that leads to itself": func(w http.ResponseWriter) {
			w.Header().Set("After-Cursor", "c1")
			reply(w, 200, []any{user(1, "ada", adaEmail, "", nil)})
		},
		"a user without an id": func(w http.ResponseWriter) { reply(w, 200, []any{map[string]any{"username": "ada"}}) },
		"an object":            func(w http.ResponseWriter) { reply(w, 200, map[string]any{}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTenant(t)
			s.answerWith(func(w http.ResponseWriter, _ *http.Request) { answer(w) })
			_, err := s.start().Inventory(t.Context(), time.Time{}, "c1")
			require.True(t, connectors.IsKind(err, connectors.KindMalformed), "%v", err)
			require.NotContains(t, err.Error(), "ada")
		})
	}
}

func TestMappings(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	s.answerWith(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" {
			t.Errorf("asked for %s", r.URL.RawQuery)
		}
		_, _ = w.Write([]byte(`[{"id":"196673","name":"Staff","match":"all","enabled":true,"position":1,
			"conditions":[{"source":"department","operator":"=","value":7}],
			"actions":[{"action":"set_status","value":["1"]},{"action":"add_role","value":[81,"82"]},{"action":"set_title","value":"x"}]},
			{"id":7,"name":"Off","enabled":false}]`))
	})
	got, err := s.start().Mappings(t.Context())
	require.NoError(t, err)
	require.Equal(t, []identity.Mapping{{
		ID: "196673", Name: "Staff", Match: "all",
		Conditions: []identity.MappingCondition{{Source: "department", Operator: "=", Value: "7"}},
		Actions: []identity.MappingAction{
			{Action: "set_status", Values: []string{"1"}},
			{Action: "add_role", Values: []string{"81", "82"}},
			{Action: "set_title", Values: []string{"x"}},
		},
	}}, got)
	require.True(t, got[0].GivesAccess())
	s.answerWith(func(w http.ResponseWriter, _ *http.Request) {
		v2Error(w, 401, "UnauthorizedError", "Insufficient Permission")
	})
	_, err = s.start().Mappings(t.Context())
	require.True(t, connectors.IsKind(err, connectors.KindUnauthorized), "%v", err)
}
