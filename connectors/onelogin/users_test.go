package onelogin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
)

func ptr[T any](v T) *T { return &v }

func TestNewListsEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := onelogin.New(onelogin.Options{BaseURL: "example.onelogin.com", Timeout: -1})
	require.ErrorContains(t, err, "base_url")
	require.ErrorContains(t, err, "client_id")
	require.ErrorContains(t, err, "client_secret")
	require.ErrorContains(t, err, "timeout")
}

func TestUserIsReadWhateverTheTypes(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, tc := range map[string]struct {
		body string
		want onelogin.User
	}{
		"as documented": {
			`{"id":1,"username":"ada","email":"a@example.com","status":2,"state":1,"group_id":4,"manager_user_id":9,
			  "role_ids":[7,8],"created_at":"2026-01-02T03:04:05Z","custom_attributes":{"floor":null}}`,
			onelogin.User{
				ID: 1, Username: "ada", Email: "a@example.com", Status: 2, State: 1, GroupID: 4, ManagerUserID: 9,
				RoleIDs: []int64{7, 8}, CreatedAt: created, Whole: true, CustomAttributes: map[string]any{"floor": nil},
			},
		},
		"strings for numbers": {
			`{"id":"1","username":null,"email":"","status":"2","state":"0","group_id":"","manager_user_id":"9",
			  "member_of":["a"],"role_ids":["7"],"created_at":"2026-01-02 03:04:05 UTC"}`,
			onelogin.User{ID: 1, Status: 2, State: 0, ManagerUserID: 9, RoleIDs: []int64{7}, Whole: true, CreatedAt: created},
		},
		"offset and no zone": {
			`{"id":1,"status":1,"state":1,"member_of":"a","created_at":"2026-01-02T04:04:05.000+01:00",
			  "last_login":"2026-01-02T03:04:05","role_ids":null}`,
			onelogin.User{ID: 1, Status: 1, State: 1, CreatedAt: created, LastLogin: created},
		},
		"a status that is not stated is not 0": {
			`{"id":1}`, onelogin.User{ID: 1, Status: onelogin.NotStated, State: onelogin.NotStated},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTenant(t)
			s.answerWith(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(tc.body)) })
			got, err := s.start().User(t.Context(), 1)
			require.NoError(t, err)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnreadableUserIsMalformed(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"another user": `{"id":2,"status":1}`,
		"no id":        `{"status":1}`,
		"odd time":     `{"id":1,"last_login":"some time ago by ada"}`,
		"odd number":   `{"id":1,"group_id":"ada"}`,
		"a list":       `[{"id":1}]`,
		"empty":        ``,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTenant(t)
			s.answerWith(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
			_, err := s.start().User(t.Context(), 1)
			require.True(t, connectors.IsKind(err, connectors.KindMalformed), "%v", err)
			require.NotContains(t, err.Error(), "ada")
		})
	}
}

func TestUserGone(t *testing.T) {
	t.Parallel()
	_, err := newTenant(t).start().User(t.Context(), 99)
	require.True(t, connectors.IsKind(err, connectors.KindNotFound), "%v", err)
	require.ErrorContains(t, err, "onelogin: read user 99: not found (HTTP 404, NotFoundError): check")
}

// The test's server matches prefixes, so a client that trusts it would find workday-12 and adam as well.
func TestLookupsCompareAgain(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	c := s.start()
	for name, find := range map[string]func() ([]onelogin.User, error){
		"external id": func() ([]onelogin.User, error) { return c.UsersByExternalID(t.Context(), "workday-1") },
		"email":       func() ([]onelogin.User, error) { return c.UsersByEmail(t.Context(), strings.ToUpper(adaEmail)) },
		"username":    func() ([]onelogin.User, error) { return c.UsersByUsername(t.Context(), "ADA") },
	} {
		users, err := find()
		require.NoError(t, err, name)
		require.Len(t, users, 1, name)
		require.EqualValues(t, 1, users[0].ID, name)
	}
	users, err := c.UsersByExternalID(t.Context(), "WORKDAY-1")
	require.NoError(t, err)
	require.Empty(t, users, "external ids are compared with case")
	s.calls()
	for _, value := range []string{"", " ", "*", "work*"} {
		_, err := c.UsersByExternalID(t.Context(), value)
		require.True(t, connectors.IsKind(err, connectors.KindInvalid), "%q: %v", value, err)
	}
	require.Empty(t, s.calls(), "a wildcard must not be sent")
}

func TestUsersStopWhenTheCallerStops(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	c := s.start()
	for u, err := range c.Users(t.Context(), onelogin.UserFilter{Limit: 10}) {
		require.NoError(t, err)
		require.EqualValues(t, 1, u.ID)
		break
	}
	require.Len(t, s.calls(), 1)
}

func TestRepeatingCursorEndsTheWalk(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	s.answerWith(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("After-Cursor", "again")
		reply(w, 200, []any{named(1, "Everyone")})
	})
	_, err := s.start().Roles(t.Context())
	require.True(t, connectors.IsKind(err, connectors.KindMalformed), "%v", err)
	require.Len(t, s.calls(), 2)
}

func TestCreateUser(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	c := s.start(protectBreakglass)
	u, err := c.CreateUser(t.Context(), onelogin.NewUser{
		Username: "new", Email: "new@example.com", Status: ptr(0), RoleIDs: []int64{7},
	})
	require.NoError(t, err)
	require.Equal(t, "new", u.Username)
	require.Equal(t, 0, u.Status, "a status of 0 must be sent")
	require.Equal(t, []string{
		`POST /api/2/users {"email":"new@example.com","role_ids":[7],"status":0,"username":"new"}`,
	}, s.calls())

	_, err = c.CreateUser(t.Context(), onelogin.NewUser{Username: "new", Email: "other@example.com"})
	var e *connectors.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, connectors.KindConflict, e.Kind)
	require.Equal(t, onelogin.CodeUsernameTaken, e.Code)

	s.calls()
	_, err = c.CreateUser(t.Context(), onelogin.NewUser{Username: "breakglass-2"})
	require.True(t, connectors.IsKind(err, connectors.KindRefused), "%v", err)
	require.Empty(t, s.calls())
}

func TestUpdateUserSendsWhatIsSetOnly(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change onelogin.UserChange
		want   string
	}{
		"suspend":       {onelogin.UserChange{Status: ptr(2)}, `PUT /api/2/users/1 {"status":2}`},
		"clear group":   {onelogin.UserChange{GroupID: ptr[int64](0)}, `PUT /api/2/users/1 {"group_id":null}`},
		"set group":     {onelogin.UserChange{GroupID: ptr[int64](5)}, `PUT /api/2/users/1 {"group_id":5}`},
		"clear manager": {onelogin.UserChange{ManagerUserID: ptr[int64](0)}, `PUT /api/2/users/1 {"manager_user_id":null}`},
		"empty text":    {onelogin.UserChange{Title: ptr("")}, `PUT /api/2/users/1 {"title":""}`},
		"status 0":      {onelogin.UserChange{Status: ptr(0)}, `PUT /api/2/users/1 {"status":0}`},
		"nothing":       {onelogin.UserChange{}, `GET /api/2/users/1`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTenant(t)
			u, err := s.start().UpdateUser(t.Context(), 1, tc.change)
			require.NoError(t, err)
			require.EqualValues(t, 1, u.ID)
			require.Equal(t, []string{tc.want}, s.calls())
		})
	}
}

func TestDeleteUserTwice(t *testing.T) {
	t.Parallel()
	for name, adjust := range map[string]func(*onelogin.Options){
		"nobody protected": func(*onelogin.Options) {},
		"protected":        protectBreakglass,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newTenant(t).start(adjust)
			require.NoError(t, c.DeleteUser(t.Context(), 1))
			require.NoError(t, c.DeleteUser(t.Context(), 1))
		})
	}
}
