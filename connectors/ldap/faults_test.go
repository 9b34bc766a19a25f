package ldap_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/ldap"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	sandbox "gatehouse/sandbox/ldap"
	"gatehouse/test/directories"
)

// patience is how long anything may take that must be prompt. It is only ever reached by a failing test.
const patience = 5 * time.Second

// silent holds an error to what every error promises: it names no person, no secret and no address.
func silent(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		text := fmt.Sprintf("%v %+v %#v", cause, cause, cause)
		for _, planted := range []string{"p00", "Quist", "acme", "Zoë", sandbox.Password, "127.0.0.1", "gatehouse,"} {
			require.NotContains(t, text, planted)
		}
	}
	require.Contains(t, err.Error(), ": ", "it says what to do")
	require.True(t, strings.HasPrefix(err.Error(), "ldap: "), err.Error())
}

func TestResultsOfADirectory(t *testing.T) {
	t.Parallel()
	for code, kind := range map[int]connectors.Kind{
		1: connectors.KindUnavailable, 3: connectors.KindUnavailable, 8: connectors.KindUnauthorized, 10: connectors.KindRefused, 11: connectors.KindUnauthorized,
		13: connectors.KindUnauthorized, 16: connectors.KindConflict, 17: connectors.KindInvalid, 19: connectors.KindInvalid, 20: connectors.KindConflict, 21: connectors.KindInvalid,
		50: connectors.KindUnauthorized, 51: connectors.KindUnavailable, 52: connectors.KindUnavailable, 53: connectors.KindInvalid, 65: connectors.KindInvalid, 80: connectors.KindUnavailable,
	} {
		c := newCompany(t, 1)
		require.NoError(t, c.server.Fail(sandbox.Fault{Op: "modify", Code: code, Times: 9}))
		_, err := c.Suspend(t.Context(), target.Write{ID: c.id(0)})
		require.Equal(t, kind, kindOf(t, err), "%d: %v", code, err)
		silent(t, err)
		a, err := c.Read(t.Context(), target.ReadRequest{ID: c.id(0)})
		require.NoError(t, err)
		require.True(t, a.CanSignIn())
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	c := newCompany(t, 1, func(o *ldap.Options) { o.Password = "wrong-password" })
	_, err := c.Read(t.Context(), target.ReadRequest{ID: c.id(0)})
	require.Equal(t, connectors.KindUnauthorized, kindOf(t, err))
	silent(t, err)
	binds := 0
	for _, e := range c.server.Journal() {
		if e.Op == "bind" {
			binds++
		}
	}
	require.Equal(t, 1, binds, "a refused credential must not be hammered: it locks the account")

	for _, wrong := range []ldap.Options{
		{},
		{Kind: "novell"},
		{Kind: ldap.OpenLDAP, URL: "ldaps://h", People: "ou=people"},
		{Kind: ldap.OpenLDAP, URL: "ldaps://h", People: "ou=people", BindDN: "cn=x"},
		{Kind: ldap.OpenLDAP, URL: "http://h", People: "ou=people", BindDN: "cn=x", Password: "y"},
		{Kind: ldap.OpenLDAP, URL: "ldaps://h", People: "people", BindDN: "cn=x", Password: "y"},
		{Kind: ldap.OpenLDAP, URL: "ldaps://x:y@h", People: "ou=people", BindDN: "cn=x", Password: "y"},
		{Kind: ldap.OpenLDAP, URL: "ldaps://h", CA: []byte("none"), People: "ou=people", BindDN: "cn=x", Password: "y"},
		{Kind: ldap.OpenLDAP, URL: "ldaps://h", ExternalID: "uid)(x=*", People: "ou=people", BindDN: "cn=x", Password: "y"},
	} {
		_, err := ldap.New(wrong)
		require.Error(t, err, "%+v", wrong)
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	other, err := sandbox.Start(sandbox.Options{})
	require.NoError(t, err)
	t.Cleanup(other.Close)
	for _, implicit := range []bool{false, true} {
		server, err := sandbox.Start(sandbox.Options{Implicit: implicit})
		require.NoError(t, err)
		t.Cleanup(server.Close)
		for name, change := range map[string]func(*ldap.Options){
			"another authority": func(o *ldap.Options) { o.CA = other.CA },
			"nobody's":          func(o *ldap.Options) { o.CA = nil },
			"another host":      func(o *ldap.Options) { o.URL = strings.Replace(o.URL, "127.0.0.1", "127.0.0.2", 1) },
		} {
			o := ldap.Options{Kind: ldap.OpenLDAP, URL: server.URL(), CA: server.CA, BindDN: sandbox.BindDN, Password: sandbox.Password, People: sandbox.People}
			change(&o)
			c, err := ldap.New(o)
			require.NoError(t, err)
			_, err = c.List(t.Context(), target.ListRequest{})
			if name == "another host" && kindOf(t, err) == connectors.KindUnavailable {
				continue // The sandbox does not listen there.
			}
			require.Equal(t, connectors.KindRefused, kindOf(t, err), "%s: %v", name, err)
			require.Contains(t, err.Error(), "certificate")
			require.Empty(t, server.Journal(), "nothing was said")
		}
	}
}

// TestNoPasswordInClear has somebody strike out StartTLS.
func TestNoPasswordInClear(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	heard := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buffer := make([]byte, 4096)
		n, _ := conn.Read(buffer)
		// Result 2, protocol error, as a server answers that knows no StartTLS.
		_, _ = conn.Write([]byte{0x30, 12, 2, 1, 1, 0x78, 7, 0x0a, 1, 2, 4, 0, 4, 0})
		rest, _ := io.ReadAll(conn)
		heard <- string(buffer[:n]) + string(rest)
	}()
	c, err := ldap.New(ldap.Options{Kind: ldap.OpenLDAP, URL: "ldap://" + listener.Addr().String(), BindDN: sandbox.BindDN, Password: sandbox.Password, People: sandbox.People})
	require.NoError(t, err)
	_, err = c.List(t.Context(), target.ListRequest{})
	require.Equal(t, connectors.KindRefused, kindOf(t, err))
	require.Contains(t, err.Error(), "StartTLS")
	require.NotContains(t, <-heard, sandbox.Password)
}

func TestADirectoryThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"bind", "search"} {
		c := newCompany(t, 1, func(o *ldap.Options) { o.Timeout = time.Second })
		require.NoError(t, c.server.Fail(sandbox.Fault{Op: op, Hang: true}))
		began := time.Now()
		_, err := c.Read(t.Context(), target.ReadRequest{ID: c.id(0)})
		require.Equal(t, connectors.KindUnavailable, kindOf(t, err), "%s: %v", op, err)
		require.Less(t, time.Since(began), patience)
		silent(t, err)
		_, err = c.Read(t.Context(), target.ReadRequest{ID: c.id(0)})
		require.NoError(t, err, "the next call has a connection of its own")

		waiting := newCompany(t, 1)
		arrived := make(chan struct{})
		require.NoError(t, waiting.server.Fail(sandbox.Fault{Op: op, Hang: true, Then: func() { close(arrived) }}))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := waiting.Read(ctx, target.ReadRequest{ID: waiting.id(0)})
			ended <- err
		}()
		<-arrived
		cancel()
		select {
		case err := <-ended:
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, connectors.KindUnavailable, kindOf(t, err))
		case <-time.After(patience):
			t.Fatal("a cancelled call did not end")
		}
	}
	nobody, err := ldap.New(ldap.Options{Kind: ldap.OpenLDAP, URL: fmt.Sprintf("ldaps://127.0.0.1:%d", directories.FreePort(t)), BindDN: "cn=x", Password: "y", People: "ou=people"})
	require.NoError(t, err)
	_, err = nobody.List(t.Context(), target.ListRequest{})
	require.Equal(t, connectors.KindUnavailable, kindOf(t, err))
	require.NotContains(t, err.Error(), "127.0.0.1")
}

func TestAConnectionThatIsCut(t *testing.T) {
	t.Parallel()
	c := newCompany(t, 1)
	require.NoError(t, c.server.Fail(sandbox.Fault{Op: "search"}))
	_, err := c.Read(t.Context(), target.ReadRequest{ID: c.id(0)})
	require.Equal(t, connectors.KindUnavailable, kindOf(t, err))
	silent(t, err)
	require.NoError(t, c.server.Fail(sandbox.Fault{Op: "modify", After: true}))
	_, err = c.Suspend(t.Context(), target.Write{ID: c.id(0)})
	require.Equal(t, connectors.KindUnavailable, kindOf(t, err))
	writes := c.writes()
	a, err := c.Suspend(t.Context(), target.Write{ID: c.id(0)})
	require.NoError(t, err)
	require.False(t, a.CanSignIn())
	require.Equal(t, writes, c.writes(), "it was done once")
}

// TestWhatPeopleAreCalled has names that mean something in filters and DNs.
func TestWhatPeopleAreCalled(t *testing.T) {
	t.Parallel()
	c := newCompany(t, 3)
	for n, name := range []string{`a)(uid=p00`, `b,c+d="e"\f`, ` g# `, `#h`, "ü\u00a0;<i>", `\2a`} {
		d := identity.Account{ExternalID: fmt.Sprintf(`x)(%d\`, n), Username: name, LastName: name, FirstName: "(|)", Email: fmt.Sprintf("odd%d@acme.example", n)}
		made, err := c.Create(t.Context(), target.CreateRequest{Document: d})
		require.NoError(t, err, name)
		again, err := c.Create(t.Context(), target.CreateRequest{Document: d})
		require.NoError(t, err)
		require.False(t, again.Created)
		for _, in := range []target.FindRequest{{ExternalID: d.ExternalID}, {Username: d.Username}, {Email: d.Email}} {
			found, err := c.Find(t.Context(), in)
			require.NoError(t, err)
			require.Len(t, found, 1, "%+v", in)
			require.Equal(t, made.Account.Ref, found[0].Ref)
		}
		groups, err := c.Groups(t.Context(), target.GroupsRequest{})
		require.NoError(t, err)
		require.NoError(t, c.Add(t.Context(), target.AddRequest{Write: target.Write{ID: made.Account.Ref.ID}, To: []string{groups.Groups[0].ID}}))
		a, err := c.Read(t.Context(), target.ReadRequest{ID: made.Account.Ref.ID})
		require.NoError(t, err)
		require.Equal(t, []string{groups.Groups[0].ID}, a.Memberships)
		members, err := c.Members(t.Context(), target.MembersRequest{Group: groups.Groups[0].ID})
		require.NoError(t, err)
		require.Contains(t, members.Accounts, made.Account.Ref.ID)
		require.NoError(t, c.Delete(t.Context(), target.Write{ID: made.Account.Ref.ID}))
	}
	for _, nobody := range []string{`p00)(uid=p01`, `p0?`, `p00\00`, `)`} {
		found, err := c.Find(t.Context(), target.FindRequest{Username: nobody})
		require.NoError(t, err)
		require.Empty(t, found)
	}
}
