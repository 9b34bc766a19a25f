package onelogin_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
)

// What is sent, to the byte: wrong methods, ids in the wrong place and wrapped arrays are what this API punishes.
func TestWritesOnTheWire(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		call func(context.Context, *onelogin.Client) error
		want string
	}{
		"log out": {
			func(ctx context.Context, c *onelogin.Client) error { return c.LogOut(ctx, 42) },
			`PUT /api/1/users/42/logout`,
		},
		"password": {
			func(ctx context.Context, c *onelogin.Client) error { return c.SetPassword(ctx, 42, "new-pass") },
			`PUT /api/1/users/set_password_clear_text/42 ` +
				`{"password":"new-pass","password_confirmation":"new-pass","validate_policy":false}`,
		},
		"invite": {
			func(ctx context.Context, c *onelogin.Client) error { return c.SendInvite(ctx, "A@x.com", "p@y.com") },
			`POST /api/1/invites/send_invite_link {"email":"A@x.com","personal_email":"p@y.com"}`,
		},
		"invite to the account's own address": {
			func(ctx context.Context, c *onelogin.Client) error { return c.SendInvite(ctx, "A@x.com", "") },
			`POST /api/1/invites/send_invite_link {"email":"A@x.com"}`,
		},
		"add roles": {
			func(ctx context.Context, c *onelogin.Client) error { return c.AddRoles(ctx, 42, []int64{7, 8}) },
			`PUT /api/1/users/42/add_roles {"role_id_array":[7,8]}`,
		},
		"remove roles": {
			func(ctx context.Context, c *onelogin.Client) error { return c.RemoveRoles(ctx, 42, []int64{7, 8}) },
			`PUT /api/1/users/42/remove_roles {"role_id_array":[7,8]}`,
		},
		"remove factor": {
			func(ctx context.Context, c *onelogin.Client) error { return c.RemoveFactor(ctx, 42, "525") },
			`DELETE /api/2/mfa/users/42/devices/525`,
		},
		"lock": {
			func(ctx context.Context, c *onelogin.Client) error { return c.Lock(ctx, 42, 15) },
			`PUT /api/1/users/42/lock_user {"locked_until":15}`,
		},
		"unlock": {
			func(ctx context.Context, c *onelogin.Client) error { return c.Unlock(ctx, 42) },
			`POST /api/2/users/42/unlock`,
		},
		"no roles": {func(ctx context.Context, c *onelogin.Client) error { return c.AddRoles(ctx, 42, nil) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTenant(t)
			s.answerWith(func(w http.ResponseWriter, _ *http.Request) { v1(w, nil) })
			require.NoError(t, tc.call(t.Context(), s.start()))
			if tc.want == "" {
				require.Empty(t, s.calls())
				return
			}
			require.Equal(t, []string{tc.want}, s.calls())
		})
	}
}

func TestErrorShapes(t *testing.T) {
	t.Parallel()
	logOut := func(ctx context.Context, c *onelogin.Client) error { return c.LogOut(ctx, 42) }
	lock := func(ctx context.Context, c *onelogin.Client) error { return c.Lock(ctx, 42, 5) }
	read := func(ctx context.Context, c *onelogin.Client) error { _, err := c.User(ctx, 42); return err }
	for name, tc := range map[string]struct {
		call   func(context.Context, *onelogin.Client) error
		status int
		body   string
		want   connectors.Error
	}{
		"version 1": {
			logOut, 400, `{"status":{"error":true,"code":400,"type":"bad request","message":"Ada is wrong"}}`,
			connectors.Error{Kind: connectors.KindInvalid, Status: 400, Code: "bad_request"},
		},
		"version 1 with an object": {
			logOut, 422, `{"status":{"error":true,"code":422,"type":"bad request","message":{"description":"Ada","attribute":"x"}}}`,
			connectors.Error{Kind: connectors.KindInvalid, Status: 422, Code: "bad_request"},
		},
		"version 1 inside a 200": {
			logOut, 200, `{"status":{"error":true,"code":404,"type":"not found","message":"Ada"}}`,
			connectors.Error{Kind: connectors.KindNotFound, Status: 404, Code: "not_found"},
		},
		"version 1 inside a 200 without a code": {
			logOut, 200, `{"status":{"error":true,"message":"Ada"}}`,
			connectors.Error{Kind: connectors.KindInvalid, Status: 400},
		},
		"version 2": {
			read, 422, `{"message":"Ada","name":"UnprocessableEntityError","statusCode":422}`,
			connectors.Error{Kind: connectors.KindInvalid, Status: 422, Code: "UnprocessableEntityError"},
		},
		"gateway": {
			read, 400, `{"status":400,"error":"BadRequestError","description":"Ada"}`,
			connectors.Error{Kind: connectors.KindInvalid, Status: 400, Code: "BadRequestError"},
		},
		"a message alone": {
			lock, 422, `{"message":"User cannot be unlocked"}`,
			connectors.Error{Kind: connectors.KindInvalid, Status: 422, Code: "cannot_be_unlocked"},
		},
		"a message alone inside a 200": {
			lock, 200, `{"message":"User cannot be unlocked"}`,
			connectors.Error{Kind: connectors.KindInvalid, Status: 400, Code: "cannot_be_unlocked"},
		},
		"a code that is free text is not kept": {
			read, 400, `{"message":"x","name":"Ada Lovelace <ada@example.com>"}`,
			connectors.Error{Kind: connectors.KindInvalid, Status: 400},
		},
		"forbidden": {
			read, 403, `{"message":"user is not authorized to access this User"}`,
			connectors.Error{Kind: connectors.KindUnauthorized, Status: 403},
		},
		"no body": {read, 502, ``, connectors.Error{Kind: connectors.KindUnavailable, Status: 502}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTenant(t)
			s.answerWith(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body))
			})
			err := tc.call(t.Context(), s.start())
			var e *connectors.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tc.want, connectors.Error{Kind: e.Kind, Status: e.Status, Code: e.Code})
			require.NotContains(t, err.Error(), "Ada")
			require.Contains(t, err.Error(), "user 42")
		})
	}
}

func TestAlreadySoIsSuccess(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	c := s.start()
	s.answerWith(func(w http.ResponseWriter, _ *http.Request) { v2Error(w, 404, "NotFoundError", "") })
	require.NoError(t, c.RemoveFactor(t.Context(), 1, "5"))
	require.Error(t, c.LogOut(t.Context(), 1), "a user that is gone was not logged out")
}

func TestFactorIDCannotChangeThePath(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	c := s.start()
	for _, id := range []string{"", "..", "../../x", "a/b"} {
		err := c.RemoveFactor(t.Context(), 1, id)
		require.True(t, connectors.IsKind(err, connectors.KindInvalid), "%q: %v", id, err)
	}
	require.Empty(t, s.calls())
}

func TestFactorsOfBothVersions(t *testing.T) {
	t.Parallel()
	for name, v1Data := range map[string]string{
		"data is an object": `{"otp_devices":[{"id":11,"active":true,"auth_factor_name":"Authenticator"},
			{"id":12,"active":false,"type_display_name":"YubiKey"}]}`,
		"data is a list": `[{"otp_devices":[{"id":11,"active":true,"auth_factor_name":"Authenticator"},{"id":12,"active":false,"type_display_name":"YubiKey"}]}]`,
	} {
		s := newTenant(t)
		s.answerWith(func(w http.ResponseWriter, r *http.Request) {
			body := `[{"device_id":"11","type_display_name":"OneLogin Protect","auth_factor_name":"p"}]`
			if r.URL.Path == "/api/1/users/42/otp_devices" {
				body = `{"status":{"error":false,"code":200},"data":` + v1Data + `}`
			}
			_, _ = w.Write([]byte(body))
		})
		got, err := s.start().Factors(t.Context(), 42)
		require.NoError(t, err, name)
		kinds := []string{"OneLogin Protect", "p", "Authenticator"} // What either list calls it.
		require.Equal(t, []onelogin.Factor{
			{ID: "11", Name: "OneLogin Protect", Kinds: kinds, Active: true},
			{ID: "12", Name: "YubiKey", Kinds: []string{"YubiKey"}, V1Only: true},
		}, got, name)
		require.Equal(t, []string{"GET /api/2/mfa/users/42/devices", "GET /api/1/users/42/otp_devices"}, s.calls())
	}
}

func TestGroupsStopOnTheEmptyPage(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]string{
		"empty page with a cursor": `{"status":{"error":false},"pagination":{"after_cursor":"c9","next_link":"http://x"},"data":[]}`,
		"no next link": `{"status":{"error":false},"pagination":{"after_cursor":"c9","next_link":null},
			"data":[{"id":3,"name":"C"}]}`,
	} {
		s := newTenant(t)
		s.answerWith(func(w http.ResponseWriter, r *http.Request) {
			body := `{"status":{"error":false},"pagination":{"after_cursor":"c1","next_link":"http://x"},
				"data":[{"id":1,"name":"A"},{"id":"2","name":"B"}]}`
			switch r.URL.RawQuery {
			case "":
			case "after_cursor=c1":
				body = last
			default:
				t.Errorf("%s: asked for %s", name, r.URL.RawQuery)
			}
			_, _ = w.Write([]byte(body))
		})
		got, err := s.start().Groups(t.Context())
		require.NoError(t, err, name)
		require.Equal(t, onelogin.Group{ID: 2, Name: "B"}, got[1])
		require.Len(t, s.calls(), 2)
	}
}

func TestListsWalkAllPages(t *testing.T) {
	t.Parallel()
	c := newTenant(t).start()
	roles, err := c.Roles(t.Context())
	require.NoError(t, err)
	require.Equal(t, []onelogin.Role{{ID: 7, Name: "Everyone"}, {ID: 8, Name: "Engineering"}, {ID: 9, Name: "Admins"}}, roles)
	apps, err := c.Apps(t.Context())
	require.NoError(t, err)
	require.Len(t, apps, 3)
	require.Equal(t, "Jira", apps[2].Name)
}

func TestUsersFilterOnTheWire(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	var queries []string
	s.answerWith(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		queries = append(queries, q.Get("updated_since")+" "+q.Get("group_id")+" "+q.Get("limit")+" "+q.Get("cursor"))
		if !q.Has("cursor") {
			w.Header().Set("After-Cursor", "c1")
		}
		reply(w, 200, []any{user(1, "ada", "", "", nil)})
	})
	since := time.Date(2026, 11, 1, 1, 0, 0, 0, time.FixedZone("", 3600))
	for _, err := range s.start().Users(t.Context(), onelogin.UserFilter{UpdatedSince: since, GroupID: 4}) {
		require.NoError(t, err)
	}
	require.Equal(t, []string{"2026-11-01T00:00:00.000Z 4 50 ", "2026-11-01T00:00:00.000Z 4  c1"}, queries)
}
